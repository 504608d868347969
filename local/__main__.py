"""Command line of the local stack: `python -m local run`, `python -m local deploy`."""

import argparse
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from local import fake_okta, portrait, sam_local, stack
from local.emulator import ACCESS_KEY, REGION, SECRET_KEY, Emulator, EmulatorError
from local.stack import DeployError

HOME = stack.PROJECT / ".headshot"

READY = """
Headshot is running at {url}

Upload a portrait, signed with the credentials of the emulated account:
  curl {sign} -X PUT -H 'Content-Type: image/jpeg' --data-binary @{portrait} {record}

Fetch it as Atlassian does, first HEAD, then GET, unsigned (the record's url serves the same photo):
  curl --head {current}
  curl --no-progress-meter --output {home}/photo.jpg {current}

Read the record, which holds the SCIM attribute for the identity provider:
  curl {sign} {record}

Erase the person:
  curl {sign} -X DELETE {record}

Use the headshot command against this stack:
  export {variables}
  .venv/bin/headshot status

{more}Run these commands in another terminal, in this folder. After a change to the code: make deploy
Ctrl-C stops Headshot. Photos and records stay in {home}/.
"""

READY_WITH_OKTA = """See what the fake Okta holds about the person, before and after:
  curl -H 'Authorization: {authorization}' {okta}/api/v1/users/ada.lovelace

"""

READY_FOR_CONTAINERS = """Also serve the API from containers, at http://127.0.0.1:3000 (docs/sam-local.md):
  make build
  export AWS_ACCESS_KEY_ID={access_key} AWS_SECRET_ACCESS_KEY={secret_key}
  .venv/bin/sam local start-api --config-file {home}/sam-local.toml

"""


def run(emulator: Emulator, identity_provider: str) -> None:
    """Start the emulator, deploy the stack, print what to try, and run until Ctrl-C.

    Raises
    ------
    EmulatorError
        If the emulator does not start, or ends on its own.
    DeployError
        If the stack cannot be deployed.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as running:
        more = ""
        with _step("Starting MiniStack"):
            process = running.enter_context(emulator.running())
        parameters = {"IdentityProvider": identity_provider}
        if identity_provider == "Okta":
            fake = fake_okta.with_people().app
            addresses = emulator.addresses
            url, *_ = [
                running.enter_context(fake_okta.serving(fake, emulator.port + 1, address)) for address in addresses
            ]
            secret = stack.put_secret(emulator, "headshot/okta", {"api_token": fake_okta.API_TOKEN})
            parameters |= {"IdentityProviderUrl": url, "IdentityProviderSecret": secret}
            more = READY_WITH_OKTA.format(okta=url, authorization=fake_okta.AUTHORIZATION)
        if emulator.for_containers:
            home = emulator.home.relative_to(stack.PROJECT)
            more += READY_FOR_CONTAINERS.format(access_key=ACCESS_KEY, secret_key=SECRET_KEY, home=home)
        with _step("Deploying template.yaml"):
            stack.deploy(emulator, parameters)
            sam_local.write_settings(emulator)
        if identity_provider == "Okta":
            stack.publish_existing(emulator)
        sample = emulator.home / "portrait.jpg"
        sample.write_bytes(portrait.jpeg("Ada Lovelace"))
        print(
            READY.format(
                url=emulator.api_url,
                sign=f"--user {ACCESS_KEY}:{SECRET_KEY} --aws-sigv4 aws:amz:{REGION}:execute-api",
                record=f"{emulator.api_url}/users/ada.lovelace/photo",
                current=f"{emulator.api_url}/photos/ada.lovelace.jpg",
                portrait=sample.relative_to(stack.PROJECT),
                home=emulator.home.relative_to(stack.PROJECT),
                variables=" ".join(f"{name}={value}" for name, value in emulator.settings.items()),
                more=more,
            ),
            flush=True,
        )
        try:
            process.wait()
        except KeyboardInterrupt:
            with _step("\nStopping"):
                running.close()
        else:
            raise EmulatorError(f"MiniStack ended on its own. See {emulator.home / 'ministack.log'} for the reason.")


def deploy(emulator: Emulator) -> None:
    """Update the stack that `run` has started.

    Raises
    ------
    EmulatorError
        If no emulator listens on the port.
    DeployError
        If the stack cannot be deployed.
    """
    if not emulator.answers():
        raise EmulatorError(f"Nothing runs on port {emulator.port}. Start the stack first: make run")
    with _step("Deploying template.yaml"):
        stack.deploy(emulator)
        sam_local.write_settings(emulator)


@contextmanager
def _step(title: str) -> Iterator[None]:
    """Print what is being done, and how long it took."""
    print(f"{title} ...", end=" ", flush=True)
    started = time.monotonic()
    yield
    print(f"{time.monotonic() - started:.0f} s", flush=True)


def main() -> None:
    """Run the command in `sys.argv`, and report any failure as one line."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("command", choices=["run", "deploy"])
    parser.add_argument("--port", type=int, default=4566, help="loopback port of the emulator (default: 4566)")
    parser.add_argument(
        "--identity-provider",
        choices=["None", "Okta"],
        default="None",
        help="publish to a fake Okta, on the next port",
    )
    parser.add_argument(
        "--containers",
        choices=["yes", "no"],
        default="no",
        help="also listen where Docker's containers reach this machine, for `sam local` on Linux",
    )
    arguments = parser.parse_args()
    try:
        emulator = Emulator(arguments.port, HOME, sam_local.bridge_address() if arguments.containers == "yes" else None)
        if arguments.command == "run":
            run(emulator, arguments.identity_provider)
        else:
            deploy(emulator)
    except (EmulatorError, DeployError) as error:
        sys.exit(f"\n{error}")
    except KeyboardInterrupt:
        sys.exit("\nStopped.")


main()
