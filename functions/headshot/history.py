"""Who set or erased a user's photo, when, and by which way.

The history is short and is kept with the record. An erasure deletes it: the tombstone holds the erasure alone.
"""

from dataclasses import dataclass
from typing import Literal

Action = Literal["set", "erased"]
Way = Literal["api", "drop box", "form"]

# Changes that a record keeps. With them it stays below 4 KB, up to which DynamoDB counts one read.
MOST = 10


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a user's photo.

    `at` is its time, as in `headshot.clock`, and `version` that of the photo, None for an erasure. `principal` and
    `correlation_id` are as in `headshot.record.Record`. `way`, `principal` and `correlation_id` are None if unknown.
    """

    at: str
    action: Action
    way: Way | None = None
    principal: str | None = None
    version: str | None = None
    correlation_id: str | None = None


History = tuple[Change, ...]


def added(history: History, change: Change) -> History:
    """Return the history with one more change, without the oldest if there are too many."""
    return (*history, change)[-MOST:]
