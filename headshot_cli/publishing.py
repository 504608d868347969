"""Follows imported photos until the identity provider has them."""

import time
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass

from headshot_cli.api import Api
from headshot_cli.users import UNTRIED, label, publish_status, users

# Seconds between two looks, and without any progress until the command stops waiting.
_PAUSE, PATIENCE = 5.0, 900.0

# What Headshot still works on within minutes. It asks for a missing account for a day, which is too long to wait for.
_PENDING = {UNTRIED, "retrying"}


@dataclass(frozen=True, slots=True)
class Publishing:
    """How many photos have each status at the identity provider, and the errors of those that it does not have."""

    counts: Counter[str]
    errors: dict[str, str]

    @property
    def is_done(self) -> bool:
        """Whether the identity provider has every photo."""
        return set(self.counts) <= {"published"}

    @property
    def is_pending(self) -> bool:
        """Whether Headshot still works on a photo."""
        return not _PENDING.isdisjoint(self.counts)

    def __str__(self) -> str:
        """Return the counts for a person."""
        return ", ".join(f"{count} {label(status)}" for status, count in sorted(self.counts.items())) or "0 published"


def follow(api: Api, user_ids: Collection[str], tell: Callable[[str], None]) -> Publishing:
    """Wait until nothing is pending for these users, or nothing has changed for PATIENCE, and return their state.

    `tell` is called with the counts whenever they change. Ctrl-C ends the waiting; the photos are still published.

    Raises
    ------
    StackError
        If the API fails.
    """
    wanted = set(user_ids)
    last, since = _state(api, wanted), time.monotonic()
    tell(f"Publishing: {last}")
    while last.is_pending and time.monotonic() - since < PATIENCE:
        time.sleep(_PAUSE)  # polls: nothing notifies of the result
        now = _state(api, wanted)
        if now.counts != last.counts:
            since = time.monotonic()
            tell(f"Publishing: {now}")
        last = now
    return last


def _state(api: Api, wanted: set[str]) -> Publishing:
    records = [record for record in users(api) if record["user_id"] in wanted]
    errors = {record["user_id"]: record["published"]["error"] for record in records if record["published"]}
    counts = Counter(publish_status(record) for record in records)
    return Publishing(counts, {user_id: error for user_id, error in errors.items() if error})
