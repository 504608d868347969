"""Compares every record with what the identity provider holds, repairs what differs, and retries erasures."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Literal

from headshot import urls
from headshot.identity.errors import (
    ConfigurationError,
    IdentityError,
    PermanentError,
    UnexpectedError,
    UnknownUserError,
)
from headshot.problems import StoreUnavailable
from headshot.publish import Publisher
from headshot.record import Entry
from headshot.stores.publish_queue import PublishQueue

# Calls to the identity provider at once: vendors limit those, too.
_AT_ONCE = 4
_PAGE = 25

# Seconds that are waited for a rate limit to pass, and how often; longer ones are left to publish.
_LONGEST_WAIT = 60
_TRIES = 3

# Failures that a run names, so that its answer stays below what Lambda carries.
_NAMED = 100

Upload = Literal["right", "repaired", "failed", "queued"]


@dataclass(frozen=True, slots=True)
class Summary:
    """How many were `right`, were `repaired`, `failed` for good, or were `queued` for publish to try again."""

    right: int = 0
    repaired: int = 0
    failed: int = 0
    queued: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """A user whose photo or erasure has failed, and why."""

    user_id: str
    error: str


@dataclass(frozen=True, slots=True)
class Run:
    """What a run has done: the summary so far, and where to go on, None at the end.

    `failures` are this run's own, at most 100. `error` is what rejects everybody, and so has stopped it.
    """

    summary: Summary
    start_after: str | None
    failures: list[Failure]
    error: str | None = None


def reconcile(
    publisher: Publisher,
    queue: PublishQueue,
    summary: Summary,
    start_after: str | None,
    time_left: Callable[[], bool],
) -> Run:
    """Go through the records after the user id `start_after`, page by page, as long as there is `time_left`.

    If the identity provider rejects a whole page for what concerns everybody, such as the credentials, the run ends
    there: a queue full of everybody would not help.

    Raises
    ------
    StoreUnavailable
        If DynamoDB or SQS fails; the same call may be made again.
    """
    counts = Counter(asdict(summary))
    failures: list[Failure] = []
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        going_on = True
        while going_on:
            entries, following = publisher.records.page(start_after, _PAGE)
            people = [entry for entry in entries if entry.user_id != urls.DEFAULT_USER]
            results = list(threads.map(lambda entry: _repair(publisher, queue, entry), people))
            errors = [error for _, error in results]
            if errors and all(isinstance(error, ConfigurationError) for error in errors):
                return Run(Summary(**counts), start_after, failures[:_NAMED], str(errors[0]))
            counts.update(result for result, _ in results)
            failures += [
                Failure(entry.user_id, str(error))
                for entry, (result, error) in zip(people, results, strict=True)
                if result == "failed"
            ]
            start_after = following
            going_on = start_after is not None and time_left()
    return Run(Summary(**counts), start_after, failures[:_NAMED])


def _repair(publisher: Publisher, queue: PublishQueue, entry: Entry) -> tuple[Upload, Exception | None]:
    """Repair one user's photo, and return how it went, and the last error."""
    last: Exception | None = None
    for _ in range(_TRIES):
        try:
            return "repaired" if publisher.repair(entry) else "right", None
        except PermanentError as error:
            return "failed", error
        except (IdentityError, StoreUnavailable) as error:
            last = error
            if isinstance(error, UnknownUserError) and entry.published and entry.published.status == "waiting":
                return "queued", error  # since it was first tried; one more message would wait for one more day
            seconds = getattr(error, "seconds", None)
            if seconds is None or seconds > _LONGEST_WAIT:
                break
            time.sleep(seconds)  # until the vendor's limit is over
        except Exception as error:  # noqa: BLE001  such as an item that cannot be read; it must not hold up the others
            return "failed", UnexpectedError(error)
    queue.add(entry.user_id)
    return "queued", last
