"""Hands a photo's URL to the identity provider.

What the record says at the moment is what is handed over, and after that the record is looked at again: had it changed
meanwhile, the new state is handed over, too. So whoever writes last, of several at once, writes the newest.
"""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from headshot import identity, urls
from headshot.identity import IdentityProvider
from headshot.identity.errors import PermanentError, TransientError, UnknownUserError
from headshot.records import Published, PublishedState, Record, RecordStore
from headshot.secrets import SecretStore

# From try to try the delay doubles, up to the longest, in seconds; what is older than a day is given up.
FIRST_DELAY, LONGEST_DELAY = 2, 1200
GIVE_UP_AFTER = timedelta(days=1)

_ROUNDS = 5


def retry_delay(tries: int, asked: float | None) -> float:
    """Give the seconds until the next try, at least those that are asked for. Chance spreads what failed at once."""
    doubled: float = min(FIRST_DELAY * 2 ** (tries - 1), LONGEST_DELAY)
    return max(doubled, asked or 0) * random.uniform(1, 1.2)  # noqa: S311  hides nothing


@dataclass(frozen=True, slots=True)
class Publisher:
    """Publishes photos. Of an erased person, `erased_url` is handed over, or the attribute cleared where that is None.

    Every method raises TransientError if a retry may succeed, PermanentError if it will fail until somebody changes
    something, and StoreUnavailable if DynamoDB or Secrets Manager fails. How it went is written into the user's record.
    """

    records: RecordStore
    provider: IdentityProvider
    erased_url: str | None

    @classmethod
    def from_environment(cls) -> Self:
        """Publish to the identity provider that the template names."""
        provider = identity.from_environment(SecretStore.from_environment().read)
        return cls(RecordStore.from_environment(), provider, os.environ["ERASED_URL"] or None)

    def publish(self, user_id: str, *, last_try: bool = False) -> None:
        """Make the identity provider hold what the user's record says. The `last_try` raises no TransientError."""
        if user_id == urls.DEFAULT_USER:
            return
        for _ in range(_ROUNDS):
            record = self.records.find(user_id)
            with self._failure_marked(record, last_try=last_try):
                if record:
                    self.provider.set(user_id, record.url)
                else:
                    self._hand_over_erased(user_id)
            if self._mark(record, "published") if record else self.records.find(user_id) is None:
                return
        raise TransientError("The photo changed all the while it was being published.")

    def repair(self, record: Record) -> bool:
        """Publish the user's photo if the identity provider holds another URL, and tell whether it did."""
        with self._failure_marked(record, last_try=False):
            held = self.provider.read(record.user_id)
        if held != record.url:
            self.publish(record.user_id)
            return True
        if record.published is None or record.published.state != "published":
            self._mark(record, "published")
        return False

    def _hand_over_erased(self, user_id: str) -> None:
        with suppress(UnknownUserError):  # erased there, too
            if self.erased_url:
                self.provider.set(user_id, self.erased_url)
            else:
                self.provider.clear(user_id)

    @contextmanager
    def _failure_marked(self, record: Record | None, *, last_try: bool) -> Iterator[None]:
        try:
            yield
        except (TransientError, PermanentError) as error:
            lasting = last_try or isinstance(error, PermanentError)
            if record:
                self._mark(record, "failed" if lasting else "retrying", str(error))
            if last_try and isinstance(error, TransientError):
                raise PermanentError(f"Given up. {error}") from error
            raise

    def _mark(self, record: Record, state: PublishedState, error: str | None = None) -> bool:
        """Write down how it went, and tell whether the record still stands."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        attempts = record.published.attempts + 1 if record.published else 1
        return self.records.mark(record, Published(state, now, attempts, error))
