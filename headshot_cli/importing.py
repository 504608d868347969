"""Uploads the pictures of a source: several at a time, each once, and again only if they changed."""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from multiprocessing import TimeoutError as NothingYet
from multiprocessing.pool import ThreadPool
from threading import Event
from typing import Literal, Self

from headshot.problems import Problem
from headshot_cli import waiting
from headshot_cli.api import Api, ApiError
from headshot_cli.fit import fit
from headshot_cli.journal import Journal
from headshot_cli.sources import Candidate, NoPicture
from headshot_cli.stack import NoAnswerError, StackError
from headshot_cli.upload import PictureError, check, upload

# Uploads at once. Each waits for the function to decode; the API's own limit is ThrottleRate.
_AT_ONCE = 8

# Seconds without a result until the import says what it waits for, and for which a stopped import waits for uploads in
# flight.
_PATIENCE, _GRACE = 5, 5

ResultName = Literal["accepted", "unchanged", "rejected", "missing", "unknown"]
RESULTS: tuple[ResultName, ...] = ("accepted", "unchanged", "rejected", "missing", "unknown")

NOT_STARTED = "The import stopped before this one. Run it again."
IN_FLIGHT = "The import stopped during this upload. Run it again."


@dataclass(frozen=True, slots=True)
class Result:
    """The result for a candidate, and the reason for it.

    - "accepted": the picture is the person's new photo;
    - "unchanged": it was the person's photo already;
    - "rejected": it cannot become a photo;
    - "missing": the source has no picture of the person;
    - "unknown": the import stopped, or the API did not answer.
    """

    candidate: Candidate
    name: ResultName
    reason: str = ""


class Import:
    """Uploads candidates. An exception raised for one of them becomes its result, and holds up no other.

    With `dry_run` nothing is uploaded: the API's checks run on this machine, and what passes them counts as accepted.
    `tell` is called with a sentence about what the import waits for.
    """

    def __init__(
        self,
        candidates: list[Candidate],
        api: Api,
        journal: Journal,
        *,
        dry_run: bool,
        tell: Callable[[str], None],
    ) -> None:
        self._api, self._journal, self._dry_run, self._tell = api, journal, dry_run, tell
        self._stopping = Event()
        self._unanswered: list[StackError] = []  # failures of the API since it last answered
        self._failure: StackError | None = None
        waiting.resume()
        self._began = time.monotonic()
        # Its threads are daemons: one that hangs in a request does not keep the command from ending.
        self._threads = ThreadPool(_AT_ONCE)
        self._results = self._threads.imap_unordered(self._result, candidates)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.terminate()

    def results(self) -> Iterator[Result]:
        """Yield the result for each candidate, as soon as it is known.

        Raises
        ------
        StackError
            At the end, if the source cannot be read, the API does not answer or the journal cannot be written. The
            candidates that were not started by then have the result "unknown".
        """
        since, told = self._began, None
        while True:
            try:
                result = self._results.next(_PATIENCE)
            except StopIteration:
                break
            except NothingYet:
                text = waiting.waiting_for(since) or "the uploads that are in flight"
                if text != told:
                    self._tell(f"Waiting for {text}.")
                told = text
            else:
                since, told = time.monotonic(), None
                yield result
        if self._failure:
            raise self._failure

    def stop(self) -> Iterator[Result]:
        """Start no other upload, and yield the results that arrive within some seconds."""
        self._stopping.set()
        waiting.stop()
        deadline = time.monotonic() + _GRACE
        while True:
            try:
                yield self._results.next(max(0, deadline - time.monotonic()))
            except (StopIteration, NothingYet):
                return

    def _result(self, candidate: Candidate) -> Result:
        if self._stopping.is_set():
            return Result(candidate, "unknown", NOT_STARTED)
        if candidate.flaw:
            return Result(candidate, "rejected", candidate.flaw)
        try:
            result = self._uploaded(candidate)
        except Exception as error:  # noqa: BLE001  there is no list of what decoders and sources may raise
            return Result(candidate, *self._judged(error))
        self._unanswered.clear()
        return result

    def _uploaded(self, candidate: Candidate) -> Result:
        data = candidate.read()
        digest = hashlib.sha256(data).hexdigest()
        if self._journal.has(candidate.user_id, digest):
            return Result(candidate, "unchanged")
        try:
            file = fit(data)
        except StackError as error:  # about this file, and so about no other
            return Result(candidate, "rejected", str(error))
        if self._dry_run:
            check(file)
            return Result(candidate, "accepted", "dry run")
        response = upload(self._api, candidate.user_id, file)
        try:
            self._journal.add(candidate.user_id, digest)
        except StackError as error:
            self._stop_for(error)
        return Result(candidate, "accepted" if response.status == HTTPStatus.CREATED else "unchanged")

    def _judged(self, error: Exception) -> tuple[ResultName, str]:
        """Return the result that an error means, and stop the import if the error concerns every candidate."""
        match error:
            case NoPicture():
                return "missing", str(error)
            case Problem():
                return "rejected", str(error)
            case PictureError() | ApiError(rejects_upload=True):
                self._unanswered.clear()
                return "rejected", str(error)
            case StackError():
                return "unknown", self._failed(error)
            case OSError():
                return "rejected", f"It cannot be read: {error.strerror or error}."
        return "rejected", f"It cannot be read: {type(error).__name__}: {error}."

    def _failed(self, error: StackError) -> str:
        """Return why a result is unknown, and stop the import unless this file alone may be to blame."""
        if isinstance(error, NoAnswerError):
            if self._stopping.is_set():
                return IN_FLIGHT
            self._unanswered.append(error)
        if not isinstance(error, NoAnswerError) or len(self._unanswered) >= _AT_ONCE:
            self._stop_for(error)
        return f"{error} Run the import again."

    def _stop_for(self, error: StackError) -> None:
        self._failure = self._failure or error
        self._stopping.set()
        waiting.stop()
