"""Runs a command as in a terminal, so that it prints what a person sees."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

COLUMNS, ROWS = 100, 40
_SECONDS = 120


def run(command: str, folder: Path, environment: Mapping[str, str], columns: int = COLUMNS) -> str:
    """Run a shell command in `folder` with a terminal as its output and nothing to read; return what it prints.

    Raise TimeoutError if it does not end within two minutes. Nothing that it started is left running.
    """
    reading, writing = pty.openpty()
    fcntl.ioctl(writing, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
    process = subprocess.Popen(
        ["bash", "-c", command],  # noqa: S607  any bash will do
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=writing,
        start_new_session=True,
    )
    os.close(writing)
    try:
        printed = b"".join(_chunks(reading, command))
    finally:
        os.close(reading)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return printed.decode("utf-8", "replace").replace("\r\n", "\n")


def _chunks(terminal: int, command: str) -> Iterator[bytes]:
    deadline = time.monotonic() + _SECONDS
    while select.select([terminal], [], [], max(0, deadline - time.monotonic()))[0]:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # how Linux reports the end of a terminal
            return
        if not chunk:
            return
        yield chunk
    raise TimeoutError(f"{command} has not ended within {_SECONDS} seconds")
