"""MiniStack, the emulator that stands in for AWS: started on loopback, with IAM enforced and its state kept on disk."""

import errno
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

REGION = "us-east-1"
ACCOUNT_ID = "000000000000"
LOOPBACK = "127.0.0.1"

# MiniStack's own name for the account's root. It opens nothing outside the emulator.
ACCESS_KEY = SECRET_KEY = "test"  # noqa: S105  as the line above says

# MiniStack gives an API the id that this tag asks for, so that its address is known before it is deployed.
API_ID = "5e1f1e00"

START_SECONDS = 30
STOP_SECONDS = 20


class EmulatorError(Exception):
    """The emulator could not be started, in one line for a person."""


@dataclass(frozen=True, slots=True)
class Emulator:
    """Where an emulator listens, and the folder in which it keeps its state and its logs.

    `for_containers` is a second address to listen on, where containers reach this machine; None if they need none.
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
        """Give the endpoint of every emulated AWS service."""
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def api_url(self) -> str:
        """Give the address of the deployed API. Clients resolve names under .localhost to loopback (RFC 6761 §6.3)."""
        return f"http://{API_ID}.execute-api.localhost:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Give an environment in which AWS tools talk to this emulator, whatever the user's own settings are."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return inherited | {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "SAM_CLI_TELEMETRY": "0",
        }

    def answers(self) -> bool:
        """Whether the emulator is up."""
        health = f"{self.url}/_ministack/health"
        with suppress(OSError), urllib.request.urlopen(health, timeout=2):  # noqa: S310  always http: raises unless 2xx
            return True
        return False

    @contextmanager
    def running(self) -> "Iterator[subprocess.Popen[bytes]]":
        """Run the emulator for as long as the block does, and leave no process behind.

        Raises
        ------
        EmulatorError
            If the port is taken or the emulator does not come up.
        """
        for address in self.addresses:
            _check_free(address, self.port)
        self.home.mkdir(parents=True, exist_ok=True)
        log = self.home / "ministack.log"
        with log.open("w") as output:
            # A session of its own keeps Ctrl-C away from it, so that it stops in order and writes its state.
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
                raise EmulatorError(f"MiniStack did not start; {log} says why.")
            time.sleep(0.1)  # polls a condition; there is nothing to be notified by


def _check_free(address: str, port: int) -> None:
    """Raise EmulatorError if nothing can listen on this port of this address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise EmulatorError(
                    f"{address} is not an address of this machine: Docker runs in a virtual machine. Run without"
                    " CONTAINERS=yes; Docker Desktop forwards host.docker.internal to 127.0.0.1."
                ) from error
            raise EmulatorError(f"Port {port} is busy. Stop what uses it, or take another: PORT=4600") from error


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End the emulator in order, then whatever is left of its session."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
