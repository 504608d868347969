"""Hands a photo's URL to the identity provider.

What the record says at the moment is what is handed over, and after that the record is looked at again: had it changed
meanwhile, the new state is handed over, too. So whoever writes last, of several at once, writes the newest.
"""

import os
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Self, TypeVar

from headshot import identity, urls
from headshot.identity import IdentityProvider
from headshot.identity.errors import IdentityError, PermanentError, TransientError, UnexpectedError, UnknownUserError
from headshot.problems import StoreUnavailable
from headshot.records import Published, PublishedState, Record, RecordStore
from headshot.secrets import SecretStore

# From try to try the delay doubles, up to the longest, in seconds; what is older than a day is given up.
FIRST_DELAY, LONGEST_DELAY = 2, 1200
GIVE_UP_AFTER = timedelta(days=1)

# A bug seldom goes away by itself.
_UNEXPECTED_TRIES = 5

_ROUNDS = 5

T = TypeVar("T")


def retry_delay(tries: int, asked: float | None) -> float:
    """Give the seconds until the next try, at least those that are asked for. Chance spreads what failed at once."""
    doubled: float = min(FIRST_DELAY * 2 ** (tries - 1), LONGEST_DELAY)
    return max(doubled, asked or 0) * random.uniform(1, 1.2)  # noqa: S311  hides nothing


def _is_last(error: IdentityError, tries: int, age: timedelta) -> bool:
    """Whether a retry after `error` is not worth it any more."""
    return tries >= _UNEXPECTED_TRIES if isinstance(error, UnexpectedError) else age > GIVE_UP_AFTER


@dataclass(frozen=True, slots=True)
class Publisher:
    """Publishes photos. Of an erased person, `erased_url` is handed over, or the attribute cleared where that is None.

    Every method raises PermanentError if it will fail until somebody changes something, another IdentityError if a
    retry may succeed, and StoreUnavailable if DynamoDB or Secrets Manager fails; nothing else. How it went is written
    into the user's record.
    """

    records: RecordStore
    provider: IdentityProvider
    erased_url: str | None

    @classmethod
    def from_environment(cls) -> Self:
        """Publish to the identity provider that the template names."""
        provider = identity.from_environment(SecretStore.from_environment().read)
        return cls(RecordStore.from_environment(), provider, os.environ["ERASED_URL"] or None)

    def publish(self, user_id: str, tries: int = 1, age: timedelta = timedelta()) -> None:
        """Make the identity provider hold what the user's record says.

        After `tries` tries, or at an `age` at which a retry is not worth it any more, every error is a PermanentError.
        """
        if user_id == urls.DEFAULT_USER:
            return
        for _ in range(_ROUNDS):
            record = self.records.find(user_id)
            self._attempt(record, partial(self._hand_over, user_id, record), tries, age)
            if self._mark(record, "published") if record else self.records.find(user_id) is None:
                return
        raise TransientError("The photo changed all the while it was being published.")

    def repair(self, record: Record) -> bool:
        """Publish the user's photo if the identity provider holds another URL, and tell whether it did."""
        held = self._attempt(record, partial(self.provider.read, record.user_id))
        if held != record.url:
            self.publish(record.user_id)
            return True
        if record.published is None or record.published.state != "published":
            self._mark(record, "published")
        return False

    def _hand_over(self, user_id: str, record: Record | None) -> None:
        if record:
            self.provider.set(user_id, record.url)
            return
        with suppress(UnknownUserError):  # erased there, too
            if self.erased_url:
                self.provider.set(user_id, self.erased_url)
            else:
                self.provider.clear(user_id)

    def _attempt(self, record: Record | None, call: Callable[[], T], tries: int = 1, age: timedelta = timedelta()) -> T:
        """Return what `call` returns. If it fails, mark the record and raise what `publish` promises."""
        error: IdentityError
        try:
            return call()
        except StoreUnavailable:
            raise
        except IdentityError as caught:
            error = caught
        except Exception as caught:  # noqa: BLE001  a bug, which must neither be silent nor retried for ever
            error = UnexpectedError(caught)
        # Not in the handler above: what is raised from here on must not carry a foreign exception's message with it.
        failed = isinstance(error, PermanentError) or _is_last(error, tries, age)
        if record:
            self._mark(record, "failed" if failed else "retrying", str(error))
        if failed and not isinstance(error, PermanentError):
            raise PermanentError(f"Failed after {tries} tries. {error}") from error
        raise error

    def _mark(self, record: Record, state: PublishedState, error: str | None = None) -> bool:
        """Write down how it went, and tell whether the record still stands."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        attempts = record.published.attempts + 1 if record.published else 1
        return self.records.mark(record, Published(state, now, attempts, error))
