"""Compares every record with the identity provider, repairs differences, and retries erasures."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Literal

from headshot import urls
from headshot.identity.errors import (
    ConfigurationError,
    IdentityError,
    PermanentError,
    TransientError,
    UnexpectedError,
    UnknownUserError,
)
from headshot.problems import StoreUnavailable
from headshot.publish import Publisher
from headshot.record import Entry
from headshot.stores.publish_queue import PublishQueue

# Concurrent calls to the identity provider. Vendors limit those, too.
_THREADS = 4
_PAGE = 25

# Seconds for which a run waits for a rate limit to end, and how many times it tries. Publish retries the rest.
_LONGEST_WAIT = 60
_TRIES = 3

# Failures that a run lists, so that its response stays below Lambda's limit.
_MAX_FAILURES = 100

Status = Literal["unchanged", "repaired", "failed", "queued"]


@dataclass(frozen=True, slots=True)
class Summary:
    """How many were `unchanged`, were `repaired`, `failed` permanently, or were `queued` for publish to retry."""

    unchanged: int = 0
    repaired: int = 0
    failed: int = 0
    queued: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """A user whose photo or erasure failed, and why."""

    user_id: str
    error: str


@dataclass(frozen=True, slots=True)
class Run:
    """The result of a run: the summary so far, and the user id to continue after, None at the end.

    `failures` are those of this run, at most 100. `error` is what stopped the run, since it concerns every user.
    """

    summary: Summary
    start_after: str | None
    failures: list[Failure]
    error: str | None = None


@dataclass(frozen=True, slots=True)
class _Result:
    """The result for one user, and the last error, if any."""

    user_id: str
    status: Status
    error: Exception | None = None


def reconcile(
    publisher: Publisher,
    queue: PublishQueue,
    summary: Summary,
    start_after: str | None,
    time_left: Callable[[], bool],
) -> Run:
    """Reconcile the records after the user id `start_after`, page by page, while there is `time_left`.

    If the identity provider rejects a whole page for a reason that concerns every user, such as the credentials, the
    run stops there: a queue with every user in it would not help.

    Raises
    ------
    StoreUnavailable
        If DynamoDB or SQS fails. Repeating the call is safe.
    """
    counts = Counter(asdict(summary))
    failures: list[Failure] = []
    with ThreadPoolExecutor(_THREADS) as threads:
        while True:
            entries, next_start = publisher.records.page(start_after, _PAGE)
            users = [entry for entry in entries if entry.user_id != urls.DEFAULT_USER]
            results = list(threads.map(lambda entry: _repair(publisher, queue, entry), users))
            errors = [result.error for result in results]
            if errors and all(isinstance(error, ConfigurationError) for error in errors):
                return Run(Summary(**counts), start_after, failures, str(errors[0]))
            counts.update(result.status for result in results)
            failed = (Failure(result.user_id, str(result.error)) for result in results if result.status == "failed")
            failures += islice(failed, _MAX_FAILURES - len(failures))
            start_after = next_start
            if start_after is None or not time_left():
                return Run(Summary(**counts), start_after, failures)


def _repair(publisher: Publisher, queue: PublishQueue, entry: Entry) -> _Result:
    """Repair one user's photo. Wait for short rate limits; leave other transient errors to publish."""
    last: Exception | None = None
    for _ in range(_TRIES):
        try:
            repaired = publisher.repair(entry)
            return _Result(entry.user_id, "repaired" if repaired else "unchanged")
        except PermanentError as error:
            return _Result(entry.user_id, "failed", error)
        except UnknownUserError as error:
            last = error
            break
        except (IdentityError, StoreUnavailable) as error:
            last = error
            if not isinstance(error, TransientError) or error.seconds is None or error.seconds > _LONGEST_WAIT:
                break
            time.sleep(error.seconds)  # until the vendor's rate limit ends
        except Exception as error:  # noqa: BLE001  such as an unreadable item, which must not stop the run
            return _Result(entry.user_id, "failed", UnexpectedError(error))
    if not _is_queued(entry, last):
        queue.add(entry.user_id, entry.correlation_id)
    return _Result(entry.user_id, "queued", last)


def _is_queued(entry: Entry, error: Exception | None) -> bool:
    """Return whether a message already waits for the user's account. Another one would wait for another day."""
    return isinstance(error, UnknownUserError) and entry.published is not None and entry.published.status == "waiting"
