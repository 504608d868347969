"""Remembers on this machine what was uploaded, so that it need not be again."""

import json
import re
from collections.abc import Container
from pathlib import Path
from threading import Lock

import typer

from headshot_cli.output import writing


def journal_file(endpoint: str) -> Path:
    """Give the file on this machine in which is kept what was uploaded to an API."""
    return Path(typer.get_app_dir("headshot")) / f"{re.sub('[^A-Za-z0-9.]+', '-', endpoint)}.jsonl"


def forget(file: Path, user_id: str) -> None:
    """Take a user out of a journal. Raise StackError if that can't be.

    An import that is running meanwhile writes into the file of before; what it adds is uploaded again next time.
    """
    if not file.exists():
        return
    with writing(file):
        lines = file.read_text("utf-8").splitlines(keepends=True)
        kept = [line for line in lines if _entry(line)[0] != user_id]
        rest = file.with_suffix(".tmp")
        rest.write_text("".join(kept), "utf-8")
        rest.replace(file)


def _entry(line: str) -> tuple[str, str]:
    """Read user id and digest; of a line that a crash cut off, nothing."""
    try:
        user_id, digest = json.loads(line)
    except ValueError:
        return "", ""
    return user_id, digest


class Journal:
    """What was uploaded, by the pictures' hashes: a line each, written at once, so that a crash loses none."""

    def __init__(self, file: Path, people: Container[str]) -> None:
        """Open the journal, and take it at its word for these people only: others may have been erased since."""
        self._path = file
        with writing(file):
            file.parent.mkdir(parents=True, exist_ok=True)
            self._file = file.open("a+", encoding="utf-8")
        self._lock = Lock()
        self._known: dict[str, str] = {}
        self._file.seek(0)
        for line in self._file:
            user_id, digest = _entry(line)
            if user_id in people:
                self._known[user_id] = digest
        with writing(file):
            self._file.write("\n")
            self._file.flush()

    def has(self, user_id: str, digest: str) -> bool:
        """Whether this very picture is the last that was uploaded for the user."""
        return self._known.get(user_id) == digest

    def add(self, user_id: str, digest: str) -> None:
        """Write down that it is. Raise StackError if that can't be."""
        with self._lock, writing(self._path):
            self._known[user_id] = digest
            self._file.write(json.dumps([user_id, digest]) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Close the file."""
        with writing(self._path):
            self._file.close()
