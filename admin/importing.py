"""Brings the pictures of a source to the stack: many at a time, each once, and again only if they have changed."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED as ONE
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

from admin.api import Api, ApiError, user_path
from admin.fit import fit
from admin.heic import ConversionError
from admin.journal import Journal
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
    try:
        answer = api.send("PUT", user_path(candidate.user_id), fit(data), "application/octet-stream")
    except (ApiError, ConversionError) as error:
        if isinstance(error, ConversionError) or error.is_refusal:
            return Outcome(candidate, "refused", str(error))
        raise
    journal.add(candidate.user_id, digest)
    return Outcome(candidate, "accepted" if answer.status == HTTPStatus.CREATED else "unchanged")
