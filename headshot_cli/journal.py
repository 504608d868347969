"""Remembers on this machine what was uploaded, so that an import does not upload it again."""

import json
import re
from collections.abc import Container
from pathlib import Path
from threading import Lock

import typer

from headshot_cli.output import writing


def journal_file(endpoint: str) -> Path:
    """Return the file on this machine that records the uploads to an API."""
    return Path(typer.get_app_dir("headshot")) / f"{re.sub('[^A-Za-z0-9.]+', '-', endpoint)}.jsonl"


def forget(file: Path, user_id: str) -> None:
    """Remove a user from a journal. Raise StackError if it cannot be written.

    An import that is running at the same time still writes to the previous file; its pictures are uploaded again by the
    next one.
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
    """Return the user id and digest in a line, or two empty strings if a crash cut the line off."""
    try:
        user_id, digest = json.loads(line)
    except ValueError:
        return "", ""
    return user_id, digest


class Journal:
    """The uploads to an API, by the pictures' hashes. Each is a line that is written at once, so a crash loses none."""

    def __init__(self, file: Path, with_photo: Container[str]) -> None:
        """Open the journal. Entries of users without a photo are ignored: they may have been erased since."""
        self._path = file
        with writing(file):
            file.parent.mkdir(parents=True, exist_ok=True)
            self._file = file.open("a+", encoding="utf-8")
        self._lock = Lock()
        self._known: dict[str, str] = {}
        self._file.seek(0)
        for line in self._file:
            user_id, digest = _entry(line)
            if user_id in with_photo:
                self._known[user_id] = digest
        with writing(file):
            self._file.write("\n")
            self._file.flush()

    def has(self, user_id: str, digest: str) -> bool:
        """Return whether this very picture was the last one uploaded for the user."""
        return self._known.get(user_id) == digest

    def add(self, user_id: str, digest: str) -> None:
        """Record that this picture was uploaded for the user. Raise StackError if the file cannot be written."""
        with self._lock, writing(self._path):
            self._known[user_id] = digest
            self._file.write(json.dumps([user_id, digest]) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Close the file."""
        with writing(self._path):
            self._file.close()
