"""Brings the pictures of a source to the stack: many at a time, each once, and again only if they have changed."""

import csv
import hashlib
import json
import re
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED as ONE
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import Literal
from urllib.parse import quote

import typer

from admin.api import Api, ApiError
from admin.shrink import shrink
from admin.sources import Candidate, NoPicture

# Uploads at once. Each waits for the function to decode; the API's own limit is ThrottleRate.
_AT_ONCE = 8

OutcomeName = Literal["accepted", "unchanged", "refused", "missing"]
OUTCOMES: tuple[OutcomeName, ...] = ("accepted", "unchanged", "refused", "missing")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a candidate, and why."""

    candidate: Candidate
    name: OutcomeName
    reason: str = ""


def journal_file(endpoint: str) -> Path:
    """Give the file on this machine in which is kept what was uploaded to an API."""
    return Path(typer.get_app_dir("headshot")) / f"{re.sub('[^A-Za-z0-9.]+', '-', endpoint)}.jsonl"


class Journal:
    """What was uploaded, by the pictures' hashes: a line each, written at once, so that a crash loses none."""

    def __init__(self, file: Path, *, everything: bool = False) -> None:
        """Open the journal; with `everything`, what it has is not looked at."""
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file.open("a+", encoding="utf-8")
        self._lock = Lock()
        self._known: dict[str, str] = {}
        self._file.seek(0)
        for line in [] if everything else self._file:
            with suppress(ValueError):  # a line that a crash cut off was not written
                user_id, digest = json.loads(line)
                self._known[user_id] = digest
        self._file.write("\n")

    def has(self, user_id: str, digest: str) -> bool:
        """Whether this very picture is the last that was uploaded for the user."""
        return self._known.get(user_id) == digest

    def add(self, user_id: str, digest: str) -> None:
        """Write down that it is."""
        with self._lock:
            self._known[user_id] = digest
            self._file.write(json.dumps([user_id, digest]) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def bring(candidates: list[Candidate], api: Api, journal: Journal, *, dry_run: bool) -> Iterator[Outcome]:
    """Upload what has changed since it was last uploaded, and tell of each candidate as soon as its outcome is known.

    With `dry_run` nothing is uploaded, and what would be counts as accepted.

    Raises
    ------
    StackError
        If the source can't be read or the API does not answer. What was told of is done, and need not be done again.
    """
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        pending: set[Future[Outcome]] = set()
        try:
            for candidate in candidates:
                pending.add(threads.submit(_bring, candidate, api, journal, dry_run=dry_run))
                if len(pending) >= 2 * _AT_ONCE:
                    done, pending = wait(pending, return_when=ONE)
                    yield from (future.result() for future in done)
            yield from (future.result() for future in wait(pending).done)
        finally:
            for future in pending:
                future.cancel()


def _bring(candidate: Candidate, api: Api, journal: Journal, *, dry_run: bool) -> Outcome:
    try:
        data = candidate.read()
    except NoPicture as reason:
        return Outcome(candidate, "missing", str(reason))
    except OSError as error:
        return Outcome(candidate, "refused", f"It cannot be read: {error.strerror}.")
    digest = hashlib.sha256(data).hexdigest()
    if journal.has(candidate.user_id, digest):
        return Outcome(candidate, "unchanged")
    if dry_run:
        return Outcome(candidate, "accepted", "dry run")
    path = f"/users/{quote(candidate.user_id, safe='')}/photo"
    try:
        answer = api.send("PUT", path, shrink(data), "application/octet-stream")
    except ApiError as error:
        if error.is_refusal:
            return Outcome(candidate, "refused", str(error))
        raise
    journal.add(candidate.user_id, digest)
    return Outcome(candidate, "accepted" if answer.status == HTTPStatus.CREATED else "unchanged")


def write_report(file: Path, outcomes: list[Outcome]) -> None:
    """Write a CSV file with a line for each outcome, what needs looking at first."""
    order = ["refused", "missing", "accepted", "unchanged"]
    with file.open("w", newline="", encoding="utf-8") as output:
        lines = csv.writer(output)
        lines.writerow(["user_id", "picture", "outcome", "reason"])
        for outcome in sorted(outcomes, key=lambda outcome: (order.index(outcome.name), outcome.candidate.name)):
            lines.writerow([outcome.candidate.user_id, outcome.candidate.name, outcome.name, outcome.reason])
