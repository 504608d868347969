"""Uploads the pictures of a source: many at a time, each once, and again only if they have changed."""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from multiprocessing import TimeoutError as NothingYet
from multiprocessing.pool import ThreadPool
from threading import Event
from typing import Literal, Self

from admin import waiting
from admin.api import Api, ApiError, user_path
from admin.fit import fit
from admin.heic import ConversionError
from admin.journal import Journal
from admin.sources import Candidate, NoPicture
from admin.stack import NoAnswerError, StackError
from headshot import imaging
from headshot.problems import Problem

# Uploads at once. Each waits for the function to decode; the API's own limit is ThrottleRate.
_AT_ONCE = 8

# Seconds without an outcome, after which the import says what it waits for; and for which one that is stopped waits for
# what is in flight.
_PATIENCE, _GRACE = 5, 5

OutcomeName = Literal["accepted", "unchanged", "refused", "missing", "unknown"]
OUTCOMES: tuple[OutcomeName, ...] = ("accepted", "unchanged", "refused", "missing", "unknown")

NOT_BEGUN = "The import stopped before its turn. Run it again."
IN_FLIGHT = "The import stopped while this one was under way. Run it again."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a candidate, and why."""

    candidate: Candidate
    name: OutcomeName
    reason: str = ""


class Import:
    """Uploads candidates. Whatever one of them raises becomes its own outcome, and holds up no other.

    With `dry_run` nothing is uploaded: files go through the checks of the API on this side, and what passes counts as
    accepted. `tell` is called with a line about what is being waited for.
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
        self._outcomes = self._threads.imap_unordered(self._outcome, candidates)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.terminate()

    def outcomes(self) -> Iterator[Outcome]:
        """Yield what became of each candidate, as soon as it is known.

        Raises
        ------
        StackError
            At the end, if the source can't be read, the API does not answer or the journal can't be written. What was
            not begun by then has the outcome "unknown".
        """
        since, told = self._began, None
        while True:
            try:
                outcome = self._outcomes.next(_PATIENCE)
            except StopIteration:
                break
            except NothingYet:
                text = waiting.waiting_for(since) or "the uploads that are in flight"
                if text != told:
                    self._tell(f"Waiting for {text}.")
                told = text
            else:
                since, told = time.monotonic(), None
                yield outcome
        if self._failure:
            raise self._failure

    def stop(self) -> Iterator[Outcome]:
        """Begin no other upload, and yield the outcomes that are known within some seconds."""
        self._stopping.set()
        waiting.stop()
        deadline = time.monotonic() + _GRACE
        while True:
            try:
                yield self._outcomes.next(max(0, deadline - time.monotonic()))
            except (StopIteration, NothingYet):
                return

    def _outcome(self, candidate: Candidate) -> Outcome:
        if self._stopping.is_set():
            return Outcome(candidate, "unknown", NOT_BEGUN)
        if candidate.flaw:
            return Outcome(candidate, "refused", candidate.flaw)
        try:
            outcome = self._brought(candidate)
        except Exception as error:  # noqa: BLE001  # what decoders and sources may raise, nobody has listed
            return Outcome(candidate, *self._judged(error))
        self._unanswered.clear()
        return outcome

    def _brought(self, candidate: Candidate) -> Outcome:
        data = candidate.read()
        if not data:
            return Outcome(candidate, "refused", "The file is empty.")
        digest = hashlib.sha256(data).hexdigest()
        if self._journal.has(candidate.user_id, digest):
            return Outcome(candidate, "unchanged")
        try:
            file = fit(data)
        except StackError as error:  # about the file, and so about nobody else
            return Outcome(candidate, "refused", str(error))
        if self._dry_run:
            imaging.normalise(file)
            return Outcome(candidate, "accepted", "dry run")
        answer = self._api.send("PUT", user_path(candidate.user_id), file, "application/octet-stream")
        try:
            self._journal.add(candidate.user_id, digest)
        except StackError as error:
            self._stop_for(error)
        return Outcome(candidate, "accepted" if answer.status == HTTPStatus.CREATED else "unchanged")

    def _judged(self, error: Exception) -> tuple[OutcomeName, str]:
        """Return the outcome that an error means, and stop the import if it is about everybody."""
        match error:
            case NoPicture():
                return "missing", str(error)
            case Problem() | ConversionError():
                return "refused", str(error)
            case ApiError() if error.is_refusal:
                self._unanswered.clear()
                return "refused", str(error)
            case StackError():
                return "unknown", self._failed(error)
            case OSError():
                return "refused", f"It cannot be read: {error.strerror or error}."
        return "refused", f"It cannot be read: {type(error).__name__}: {error}."

    def _failed(self, error: StackError) -> str:
        """Return why an outcome is unknown, and stop the import unless one file alone may be to blame."""
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
