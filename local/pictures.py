"""Makes the pictures of docs/ from real runs: `python -m local.pictures --port 4566`.

It deploys a stack of its own, with a fake Okta, imports portraits of people who do not exist, records the commands as
SVGs, and takes screenshots of pages by a headless Chromium.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from local import browser, fake_okta, portrait, recording, stack, terminal
from local.browser import BrowserError
from local.emulator import Emulator, EmulatorError
from local.stack import DeployError

PICTURES = stack.PROJECT / "docs/pictures"

PEOPLE = (
    *("ada.lovelace", "alan.turing", "barbara.liskov", "edsger.dijkstra", "frances.allen", "grace.hopper"),
    *("hedy.lamarr", "joan.clarke", "john.backus", "katherine.johnson", "margaret.hamilton", "radia.perlman"),
)

# A photo may come before its owner's account.
NEW_HIRE = "radia.perlman"

# Where photos would be on AWS. Only their paths are used here.
BASE_URL = "https://photos.example.com"

_SECONDS = 120  # for publishing everyone's URL


def make(emulator: Emulator, home: Path) -> None:
    """Write all pictures, from a stack that is deployed into `emulator`; commands write their files into `home`."""
    okta = fake_okta.Okta(lambda header: header == fake_okta.AUTHORIZATION)
    for name in set(PEOPLE) - {NEW_HIRE}:
        okta.add(name, f"{name}@example.com")
    environment = emulator.environment | {"HOME": str(home), "TERM": "xterm-256color"}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"

    def record(name: str, command: str) -> None:
        svg = recording.draw(name, command, terminal.run(command, home, environment))
        (PICTURES / f"{name}.svg").write_text(svg, "utf-8")

    with emulator.running(), fake_okta.serving(okta.app) as url:
        secret = stack.put_secret(emulator, "headshot/okta", {"api_token": fake_okta.API_TOKEN})
        publish = {"IdentityProvider": "Okta", "IdentityProviderUrl": url, "IdentityProviderSecret": secret}
        stack.deploy(emulator, publish | {"BaseUrl": BASE_URL})
        _lay_out_photos(home / "photos")
        # The emulator starts the function's processes slower than AWS would, so they are started beforehand.
        terminal.run("for i in {1..8}; do headshot show nobody & done; wait", home, environment)
        record("import", "headshot import photos")
        _await_published(home, environment)
        record("list", "headshot list")
        record("status", "headshot status")
        terminal.run("headshot contact-sheet", home, environment)
        (home / "comment.html").write_text((stack.PROJECT / "local/comment.html").read_text("utf-8"), "utf-8")
        for page, name, height in [("headshot.html", "contact-sheet", 450), ("comment.html", "before-after", 267)]:
            file = home / page
            file.write_text(file.read_text("utf-8").replace(BASE_URL, emulator.api_url), "utf-8")
            browser.screenshot(file, PICTURES / f"{name}.png", 960, height)


def _lay_out_photos(folder: Path) -> None:
    """Write everyone's portrait, and two files that are rejected."""
    folder.mkdir()
    for name in PEOPLE:
        (folder / f"{name}.jpg").write_bytes(portrait.jpeg(name, (480, 640)))
    (folder / "mary.somerville.jpg").write_bytes(portrait.jpeg("Mary Somerville", (48, 48)))
    (folder / "rosalind.franklin.jpg").write_bytes(portrait.jpeg("Rosalind Franklin")[:20_000])


def _await_published(home: Path, environment: Mapping[str, str]) -> None:
    deadline = time.monotonic() + _SECONDS
    while _unpublished(printed := terminal.run("headshot list --unpublished --json", home, environment)) != [NEW_HIRE]:
        if time.monotonic() > deadline:
            raise DeployError(f"The fake Okta has not got every URL within {_SECONDS} seconds: {printed}")


def _unpublished(printed: str) -> list[str]:
    """Return the user ids of a list as JSON."""
    return [person["user_id"] for person in json.loads(printed)]


def main() -> None:
    """Make the pictures, and report any failure as one line."""
    parser = argparse.ArgumentParser(prog="python -m local.pictures", description=__doc__)
    parser.add_argument("--port", type=int, default=4566, help="loopback port of the emulator (default: 4566)")
    port = parser.parse_args().port
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        try:
            make(Emulator(port, home / "stack"), home)
        except (BrowserError, DeployError, EmulatorError) as error:
            sys.exit(str(error))
    print(f"The pictures are in {PICTURES.relative_to(stack.PROJECT)}/")


if __name__ == "__main__":
    main()
