"""Hands a photo's URL to the identity provider.

What the record says at the moment is what is handed over, and after that the record is looked at again: had it changed
meanwhile, the new status is handed over, too. So whoever writes last, of several at once, writes the newest.
"""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Self, TypeVar

from headshot import clock, identity, metrics, urls
from headshot.identity import IdentityProvider
from headshot.identity.errors import (
    ConfigurationError,
    IdentityError,
    PermanentError,
    TransientError,
    UnexpectedError,
    UnknownUserError,
)
from headshot.record import Entry, Published, PublishedStatus, Record, Tombstone
from headshot.stores.records import RecordStore
from headshot.stores.secrets import SecretStore

# From try to try the delay doubles, up to the longest, in seconds. What needs an administrator, or an account that is
# yet to be created, starts slower.
FIRST_DELAY, SLOW_DELAY, LONGEST_DELAY = 2, 60, 1200
GIVE_UP_AFTER = timedelta(days=1)

# A bug seldom goes away by itself.
_UNEXPECTED_TRIES = 5

_ROUNDS = 5

T = TypeVar("T")


def retry_delay(error: Exception, tries: int) -> float:
    """Return the seconds until the next try, at least those that the vendor asks for, spread by chance."""
    first = SLOW_DELAY if isinstance(error, ConfigurationError | UnknownUserError) else FIRST_DELAY
    asked = error.seconds if isinstance(error, TransientError) else None
    doubled: float = min(first * 2 ** (tries - 1), LONGEST_DELAY)
    return max(doubled, asked or 0) * random.uniform(1, 1.2)  # noqa: S311  hides nothing


def is_final(error: Exception, tries: int, age: timedelta) -> bool:
    """Whether `error` will not pass, or has not passed for so long that a retry is not worth it."""
    if isinstance(error, PermanentError):
        return True
    return tries >= _UNEXPECTED_TRIES if isinstance(error, UnexpectedError) else age > GIVE_UP_AFTER


@dataclass(frozen=True, slots=True)
class Publisher:
    """Publishes photos. For an erased person, it sets `erased_url`, or clears the attribute where that is None.

    Every method raises PermanentError if it will fail until somebody changes something, another IdentityError if a
    retry may succeed, and StoreUnavailable if DynamoDB fails; nothing else. How it went is written into the user's
    record or tombstone.
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
        """Make the identity provider hold what the user's record says, or nothing of an erased user.

        A tombstone goes as soon as the identity provider has confirmed the erasure. After `tries` tries, or at an `age`
        at which a retry is not worth it any more, every error is a PermanentError.
        """
        if user_id == urls.DEFAULT_USER:
            return
        identity_id = None
        for _ in range(_ROUNDS):
            # Nothing there is treated as an erasure: a delivery that was overtaken by one, and has written after it,
            # must undo what it wrote.
            entry = self.records.entry(user_id) or Tombstone(user_id, clock.now(), identity_id)
            entry, _ = self._attempt(entry, partial(self._write, entry), tries, age)
            if self._settle(entry):
                return
            identity_id = entry.identity_id
        raise TransientError("The photo changed all the while it was being published.")

    def repair(self, entry: Entry) -> bool:
        """Publish the photo, or the erasure, if the identity provider does not hold it; return whether it did not."""
        if isinstance(entry, Tombstone):
            self.publish(entry.user_id)
            return True
        # Whose account has not appeared within a day is looked for again, but not waited for another day each time.
        waits = entry.published is None or entry.published.status != "failed"
        found, held = self._attempt(entry, self.provider.photo_url, waits=waits)
        if held != entry.url:
            self._reject_shared(found, held)
            self.publish(entry.user_id)
            return True
        if found != entry or entry.published is None or entry.published.status != "published":
            self._settle(found)
        return False

    def _reject_shared(self, entry: Entry, held: str | None) -> None:
        """Raise PermanentError if another user's photo is held, for the very same user of the identity provider."""
        owner = urls.photo_owner(held or "")
        other = self.records.find(owner) if owner else None
        if other and other.user_id != entry.user_id and (other.url, other.identity_id) == (held, entry.identity_id):
            reason = (
                f"{entry.user_id} and {other.user_id} are one user at the identity provider, which holds the photo of"
                f" {other.user_id}. Erase one of the two, then run headshot reconcile."
            )
            self._mark(entry, "failed", reason)
            raise PermanentError(reason)

    def _write(self, entry: Entry, identity_id: str) -> None:
        if isinstance(entry, Record):
            self.provider.set(identity_id, entry.url)
        elif self.erased_url:
            self.provider.set(identity_id, self.erased_url)
        else:
            self.provider.clear(identity_id)

    def _attempt(
        self,
        entry: Entry,
        call: Callable[[str], T],
        tries: int = 1,
        age: timedelta = timedelta(),
        *,
        waits: bool = True,
    ) -> tuple[Entry, T | None]:
        """Call `call` with the user's identity id; return the entry with that id, and what `call` returned.

        If it fails, mark the entry and raise what `publish` promises. An unknown user fails for good unless the entry
        `waits` for the account. A tombstone of a user whom the identity provider
        does not know, neither by the id nor by the name, has not failed: there is nothing to erase.
        """
        error: IdentityError
        try:
            if entry.identity_id is not None:
                try:
                    return entry, call(entry.identity_id)
                except UnknownUserError:
                    pass  # the account was deleted, and may have been created again under its name
            identity_id = self.provider.find(entry.user_id)
            entry = replace(entry, identity_id=identity_id)
            return entry, call(identity_id)
        except UnknownUserError as caught:
            if isinstance(entry, Tombstone):
                return entry, None
            error = caught
        except IdentityError as caught:
            error = caught
        except Exception as caught:  # noqa: BLE001  a bug, which must neither be silent nor retried for ever
            error = UnexpectedError(caught)
        if isinstance(error, ConfigurationError):
            metrics.count("IdentityProviderRefused")
        # Not in the handlers above: what is raised from here on must not carry a foreign exception's message with it.
        failed = is_final(error, tries, age) or (isinstance(error, UnknownUserError) and not waits)
        passing: PublishedStatus = "waiting" if isinstance(error, UnknownUserError) else "retrying"
        self._mark(entry, "failed" if failed else passing, str(error))
        if failed and not isinstance(error, PermanentError):
            raise PermanentError(f"{error} It is not retried any more.") from error
        raise error

    def _settle(self, entry: Entry) -> bool:
        """Note that the identity provider holds what `entry` says, and return whether the entry still stands."""
        return self._mark(entry, "published") if isinstance(entry, Record) else self.records.delete_tombstone(entry)

    def _mark(self, entry: Entry, status: PublishedStatus, error: str | None = None) -> bool:
        """Store how it went, and return whether the entry still stands."""
        attempts = entry.published.attempts + 1 if entry.published else 1
        return self.records.mark(entry, Published(status, clock.now(), attempts, error))
