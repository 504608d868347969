"""Compares every record with what the identity provider holds, repairs what differs, and retries erasures."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Literal

from headshot import urls
from headshot.identity.errors import IdentityError, PermanentError
from headshot.problems import StoreUnavailable
from headshot.publish import Publisher
from headshot.queues import PublishQueue
from headshot.records import Entry

# Calls to the identity provider at once: vendors limit those, too.
_AT_ONCE = 4
_PAGE = 25

# Seconds that are waited for a rate limit to pass, and how often; longer ones are left to publish.
_LONGEST_WAIT = 60
_TRIES = 3

Outcome = Literal["right", "repaired", "failed", "queued"]


@dataclass(frozen=True, slots=True)
class Summary:
    """How many were `right`, were `repaired`, `failed` for good, or were `queued` for publish to try again."""

    right: int = 0
    repaired: int = 0
    failed: int = 0
    queued: int = 0


def reconcile(
    publisher: Publisher,
    queue: PublishQueue,
    summary: Summary,
    start_after: str | None,
    time_left: Callable[[], bool],
) -> tuple[Summary, str | None]:
    """Go through the records after the user id `start_after`, page by page, as long as there is `time_left`.

    Gives `summary` with these added, and where to go on, None at the end.

    Raises
    ------
    StoreUnavailable
        If DynamoDB or SQS fails; the same call may be made again.
    """
    counts = Counter(asdict(summary))
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        going_on = True
        while going_on:
            entries, start_after = publisher.records.page(start_after, _PAGE)
            people = [entry for entry in entries if entry.user_id != urls.DEFAULT_USER]
            counts.update(threads.map(lambda entry: _repair(publisher, queue, entry), people))
            going_on = start_after is not None and time_left()
    return Summary(**counts), start_after


def _repair(publisher: Publisher, queue: PublishQueue, entry: Entry) -> Outcome:
    for _ in range(_TRIES):
        try:
            return "repaired" if publisher.repair(entry) else "right"
        except PermanentError:
            return "failed"
        except (IdentityError, StoreUnavailable) as error:
            seconds = getattr(error, "seconds", None)
            if seconds is None or seconds > _LONGEST_WAIT:
                break
            time.sleep(seconds)  # until the vendor's limit is over
    queue.add(entry.user_id)
    return "queued"
