"""A running stack with a fake Okta, and a terminal beside it, as a reader of the pages has them."""

import re
import shutil
import sys
from pathlib import Path

import pytest
from botocore.credentials import Credentials

from local import portrait, stack, terminal
from local.emulator import ACCESS_KEY, SECRET_KEY, Emulator
from tests.local.test_run import Copy
from tests.stack.conftest import Caller, Signature, _loopback, free_port

__all__ = ["_loopback"]

WIDTH = 120  # of the pages, whose lines are broken there

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")

_PROGRESS = re.compile(r"Importing [━╸╺ ]")


class Terminal:
    """A shell in the clone. Its environment and folder last from command to command."""

    def __init__(self, clone, home):
        self._clone, self._state = clone, home / "shell"
        environment = Emulator(clone.port, clone.folder).environment
        path = f"{clone.folder / '.venv/bin'}:{environment['PATH']}"
        self._environment = environment | {"HOME": str(home), "PATH": path, "TERM": "xterm", "NO_COLOR": "1"}
        self._environment["LC_ALL"] = "C.UTF-8"
        self._environment.pop("XDG_CONFIG_HOME", None)
        self._state.write_text("")

    def run(self, command):
        """Run a command as a page prints it, and return the lines that it prints, with the ports of the page.

        Leave out progress bars.
        """
        for documented, real in self._ports():
            command = re.sub(rf":{documented}\b", f":{real}", command)
        state = f"'{self._state}'"
        script = f". {state}\n{command}\n(export -p; printf 'cd %q\\n' \"$PWD\") > {state}"
        printed = _ESCAPES.sub("", terminal.run(script, self._clone.folder, self._environment, WIDTH))
        for documented, real in self._ports():
            printed = re.sub(rf":{real}\b", f":{documented}", printed)
        # A line that is drawn again and again counts as it is in the end.
        lines = [line.rstrip().rpartition("\r")[2] for line in printed.split("\n")]
        lines = [line for line in lines if not _PROGRESS.match(line)]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def _ports(self):
        return (4566, self._clone.port), (4567, self._clone.port + 1)


@pytest.fixture(scope="session")
def clone(tmp_path_factory):
    """What `make run IDENTITY_PROVIDER=Okta` gives, in a copy of the project with the photos of the pages."""
    folder = tmp_path_factory.mktemp("clone") / "headshot"
    project = Path(__file__).parents[2]
    shutil.copytree(project, folder, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    _lend_environment(folder / ".venv")
    _lay_out_photos(folder)
    clone = Copy(folder, free_port())
    try:
        clone.start("--identity-provider", "Okta")
        yield clone
    finally:
        if clone.process.poll() is None:
            clone.stop()


def _lend_environment(folder):
    """Link the environment of the tests into the copy, so that make takes it for up to date."""
    folder.mkdir()
    for name in ["bin", "lib", "pyvenv.cfg"]:
        (folder / name).symlink_to(Path(sys.prefix) / name)
    for stamp in ["local", "tests"]:
        (folder / stamp).touch()


def _lay_out_photos(folder):
    """Write the files that the pages name: one portrait, and a folder of them."""
    (folder / "ada.jpg").write_bytes(portrait.jpeg("Ada Lovelace", (480, 640)))
    photos = folder / "photos"
    photos.mkdir()
    for name in portrait.names():
        (photos / f"{name}.jpg").write_bytes(portrait.jpeg(name, (120, 160)))


@pytest.fixture
def page_terminal(clone, tmp_path):
    """A terminal for one page, with a home of its own. Nobody is in the stack at first, and nothing waits."""
    emulator = Emulator(clone.port, clone.folder)
    caller = Caller(emulator.api_url, Signature(Credentials(ACCESS_KEY, SECRET_KEY)))
    outputs = stack.outputs(emulator)
    # Retries for accounts that do not exist would be counted as waiting for hours.
    stack.client(emulator, "sqs").purge_queue(QueueUrl=outputs["PublishQueue"])
    table = {"TableName": outputs["RecordsTable"], "ProjectionExpression": "user_id"}
    for item in stack.client(emulator, "dynamodb").scan(**table)["Items"]:
        caller.erase(item["user_id"]["S"])
    return Terminal(clone, tmp_path)
