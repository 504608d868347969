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

from headshot import imaging
from headshot.problems import Problem
from headshot_cli import waiting
from headshot_cli.api import Api, ApiError, user_path
from headshot_cli.fit import fit
from headshot_cli.heic import ConversionError
from headshot_cli.journal import Journal
from headshot_cli.sources import Candidate, NoPicture
from headshot_cli.stack import NoAnswerError, StackError

# Uploads at once. Each waits for the function to decode; the API's own limit is ThrottleRate.
_AT_ONCE = 8

# Seconds without an result, after which the import says what it waits for; and for which one that is stopped waits for
# what is in flight.
_PATIENCE, _GRACE = 5, 5

ResultName = Literal["accepted", "unchanged", "rejected", "missing", "unknown"]
RESULTS: tuple[ResultName, ...] = ("accepted", "unchanged", "rejected", "missing", "unknown")

NOT_BEGUN = "The import stopped before its turn. Run it again."
IN_FLIGHT = "The import stopped while this one was under way. Run it again."


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a candidate, and why."""

    candidate: Candidate
    name: ResultName
    reason: str = ""


class Import:
    """Uploads candidates. Whatever one of them raises becomes its own result, and holds up no other.

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

    def results(self) -> Iterator[Result]:
        """Yield what became of each candidate, as soon as it is known.

        Raises
        ------
        StackError
            At the end, if the source can't be read, the API does not answer or the journal can't be written. What was
            not begun by then has the result "unknown".
        """
        since, told = self._began, None
        while True:
            try:
                result = self._outcomes.next(_PATIENCE)
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
        """Begin no other upload, and yield the results that are known within some seconds."""
        self._stopping.set()
        waiting.stop()
        deadline = time.monotonic() + _GRACE
        while True:
            try:
                yield self._outcomes.next(max(0, deadline - time.monotonic()))
            except (StopIteration, NothingYet):
                return

    def _outcome(self, candidate: Candidate) -> Result:
        if self._stopping.is_set():
            return Result(candidate, "unknown", NOT_BEGUN)
        if candidate.flaw:
            return Result(candidate, "rejected", candidate.flaw)
        try:
            result = self._brought(candidate)
        except Exception as error:  # noqa: BLE001  # what decoders and sources may raise, nobody has listed
            return Result(candidate, *self._judged(error))
        self._unanswered.clear()
        return result

    def _brought(self, candidate: Candidate) -> Result:
        data = candidate.read()
        if not data:
            return Result(candidate, "rejected", "The file is empty.")
        digest = hashlib.sha256(data).hexdigest()
        if self._journal.has(candidate.user_id, digest):
            return Result(candidate, "unchanged")
        try:
            file = fit(data)
        except StackError as error:  # about the file, and so about nobody else
            return Result(candidate, "rejected", str(error))
        imaging.inspect(file)  # what the API says about a rejected picture is for those who call it over HTTP
        if self._dry_run:
            imaging.normalise(file)
            return Result(candidate, "accepted", "dry run")
        answer = self._api.send("PUT", user_path(candidate.user_id), file, "application/octet-stream")
        try:
            self._journal.add(candidate.user_id, digest)
        except StackError as error:
            self._stop_for(error)
        return Result(candidate, "accepted" if answer.status == HTTPStatus.CREATED else "unchanged")

    def _judged(self, error: Exception) -> tuple[ResultName, str]:
        """Return the result that an error means, and stop the import if it is about everybody."""
        match error:
            case NoPicture():
                return "missing", str(error)
            case Problem() | imaging.ImageError() | ConversionError():
                return "rejected", str(error)
            case ApiError() if error.is_refusal:
                self._unanswered.clear()
                return "rejected", str(error)
            case StackError():
                return "unknown", self._failed(error)
            case OSError():
                return "rejected", f"It cannot be read: {error.strerror or error}."
        return "rejected", f"It cannot be read: {type(error).__name__}: {error}."

    def _failed(self, error: StackError) -> str:
        """Return why an result is unknown, and stop the import unless one file alone may be to blame."""
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
