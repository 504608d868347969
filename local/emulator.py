"""MiniStack, the AWS emulator: runs on loopback, enforces IAM and keeps its state on disk."""

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

import urllib3

REGION = "us-east-1"
ACCOUNT_ID = "000000000000"
LOOPBACK = "127.0.0.1"

# MiniStack's own credentials of the account's root. They are worthless outside the emulator.
ACCESS_KEY = SECRET_KEY = "test"  # noqa: S105  as the line above says

# The id of the API, which local/samconfig.toml requests by a tag, so that its address is known before it is deployed.
API_ID = "5e1f1e00"

# It starts within 2 s on an idle machine, and stops as soon as it has written its state.
START_SECONDS = 30
STOP_SECONDS = 20


class EmulatorError(Exception):
    """The emulator cannot start. The message is one line for a person."""


@dataclass(frozen=True, slots=True)
class Emulator:
    """An emulator, running or not.

    Attributes
    ----------
    port
        The port it listens on.
    home
        The folder for its state and its logs.
    for_containers
        A second address to listen on, at which containers reach this machine, or None.
    """

    port: int
    home: Path
    for_containers: str | None = None

    @property
    def addresses(self) -> list[str]:
        """Return every address to listen on."""
        return [LOOPBACK, *([self.for_containers] if self.for_containers else [])]

    @property
    def url(self) -> str:
        """Return the endpoint of all emulated AWS services."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def api_url(self) -> str:
        """Return the deployed API's address. Clients resolve names under .localhost to loopback (RFC 6761 §6.3)."""
        return f"http://{API_ID}.execute-api.localhost:{self.port}"

    @property
    def settings(self) -> dict[str, str]:
        """Return the environment variables with which AWS tools talk to this emulator."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        }

    @property
    def environment(self) -> dict[str, str]:
        """Return a whole environment with these settings, and without the user's own AWS settings."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return inherited | {
            **self.settings,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "SAM_CLI_TELEMETRY": "0",
            "SAM_CLI_POLL_DELAY": "0.2",  # seconds; its default of 5 spares AWS, but here a deploy takes seconds
        }

    def answers(self) -> bool:
        """Return whether the emulator is up."""
        with suppress(urllib3.exceptions.HTTPError):
            health = urllib3.request("GET", f"{self.url}/_ministack/health", timeout=2, retries=False)
            return health.status == HTTPStatus.OK
        return False

    @contextmanager
    def running(self) -> "Iterator[subprocess.Popen[bytes]]":
        """Run the emulator while the block runs, and yield its process. No process is left behind.

        Raises
        ------
        EmulatorError
            If the port is busy or the emulator does not start.
        """
        for address in self.addresses:
            _check_free(address, self.port)
        self.home.mkdir(parents=True, exist_ok=True)
        log = self.home / "ministack.log"
        with log.open("w") as output:
            # In a session of its own it does not receive Ctrl-C, so it stops in order and writes its state.
            process = subprocess.Popen(
                [sys.executable, "-m", "local.server", *(f"{address}:{self.port}" for address in self.addresses)],
                cwd=Path(__file__).parent.parent,
                env=self.environment | self._settings(),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._await_start(process, log)
            yield process
        finally:
            _stop(process)

    def _settings(self) -> dict[str, str]:
        return {
            "GATEWAY_PORT": str(self.port),
            "AUTH": "true",
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self.home / "state"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(self.home / "state/s3"),
            "IOT_MTLS_ENABLED": "0",
        }

    def _await_start(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise EmulatorError(f"MiniStack did not start. See {log} for the reason.")
            time.sleep(0.1)  # polls: MiniStack offers no notification


def _check_free(address: str, port: int) -> None:
    """Raise EmulatorError if this port of this address cannot be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise EmulatorError(
                    f"{address} is not an address of this machine: Docker runs in a virtual machine. Run without"
                    " CONTAINERS=yes: Docker Desktop forwards host.docker.internal to 127.0.0.1."
                ) from error
            raise EmulatorError(f"Port {port} is busy. Stop what uses it, or use another: PORT=4600") from error


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Stop the emulator in order, then kill what is left of its session."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
