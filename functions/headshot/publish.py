"""Publishes photo URLs to the identity provider.

A call publishes what the record says at that moment, then reads the record again; if it has changed, it publishes the
new URL, too. So when several calls run at once, the last one to write has written the newest URL.
"""

import os
import random
from collections.abc import Callable
from contextlib import suppress
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

# Seconds. The delay doubles with every attempt, up to the longest. What needs an administrator, or an account that does
# not exist yet, starts more slowly.
FIRST_DELAY, SLOW_DELAY, LONGEST_DELAY = 2, 60, 1200
RETRY_PERIOD = timedelta(days=1)

# A bug seldom disappears by itself.
_UNEXPECTED_TRIES = 5

_ROUNDS = 5

T = TypeVar("T")


def retry_delay(error: Exception, tries: int) -> float:
    """Return the seconds until the next attempt, with jitter, and never fewer than the vendor asks for."""
    first = SLOW_DELAY if isinstance(error, ConfigurationError | UnknownUserError) else FIRST_DELAY
    doubled: float = min(first * 2 ** (tries - 1), LONGEST_DELAY)
    asked = error.seconds if isinstance(error, TransientError) else None
    return max(doubled, asked or 0) * random.uniform(1, 1.2)  # noqa: S311  hides nothing


def is_final(error: Exception, tries: int, age: timedelta) -> bool:
    """Return whether `error` is permanent, or has been retried for long enough."""
    if isinstance(error, PermanentError):
        return True
    if isinstance(error, UnexpectedError):
        return tries >= _UNEXPECTED_TRIES
    return age > RETRY_PERIOD


@dataclass(frozen=True, slots=True)
class Publisher:
    """Publishes photos. For an erased user, it publishes `erased_url`, or clears the attribute if that is None.

    Every method raises PermanentError if it will fail until somebody changes something, another IdentityError if a
    retry may succeed, and StoreUnavailable if DynamoDB fails. The result is stored in the user's record or tombstone.
    """

    records: RecordStore
    provider: IdentityProvider
    erased_url: str | None

    @classmethod
    def from_environment(cls) -> Self:
        """Return a publisher for the identity provider that the template names."""
        provider = identity.from_environment(SecretStore.from_environment().read)
        neutral = f"{urls.base_url()}/photos/{urls.DEFAULT_USER}.jpg"
        erased_url = None if os.environ["ERASED_PHOTO"] == "Clear" else neutral
        return cls(RecordStore.from_environment(), provider, erased_url)

    def publish(self, user_id: str, tries: int = 1, age: timedelta = timedelta()) -> None:
        """Publish the URL in the user's record, or the erasure of an erased user.

        Once the identity provider has confirmed an erasure, its tombstone is confirmed. `tries` and `age` are the
        number and the period of the attempts so far, this one included; if they are too large for another attempt,
        every error becomes a PermanentError.
        """
        if user_id == urls.DEFAULT_USER:
            return
        identity_id = None
        for _ in range(_ROUNDS):
            # No entry is treated as an erasure: if this call has written its URL after an erasure that is already
            # confirmed, it must undo that.
            entry = self.records.entry(user_id) or Tombstone(user_id, clock.now())
            if isinstance(entry, Tombstone):
                entry = replace(entry, identity_id=entry.identity_id or identity_id)
            entry, _ = self._attempt(entry, partial(self._write, entry), tries, age)
            if self._mark_published(entry):
                self._count(entry)
                return
            identity_id = entry.identity_id
        raise TransientError("The photo kept changing while it was being published.")

    def repair(self, entry: Entry) -> bool:
        """Publish the photo or the erasure unless the identity provider has it; return whether that was necessary."""
        if isinstance(entry, Tombstone):
            self.publish(entry.user_id)
            return True
        # After waiting a day for an account, look for it again, but do not wait another day.
        waits = entry.published is None or entry.published.status != "failed"
        found, url = self._attempt(entry, self.provider.photo_url, waits=waits)
        if url != entry.url:
            self._reject_shared(found, url)
            self.publish(entry.user_id)
            return True
        if found != entry or entry.published is None or entry.published.status != "published":
            self._mark_published(found)
        return False

    def _reject_shared(self, entry: Entry, url: str | None) -> None:
        """Raise PermanentError if `url` is another user's photo and both are the same user at the identity provider."""
        owner = urls.photo_owner(url or "")
        other = self.records.find(owner) if owner else None
        if other and other.user_id != entry.user_id and (other.url, other.identity_id) == (url, entry.identity_id):
            reason = (
                f"{entry.user_id} and {other.user_id} are the same user at the identity provider, and the photo of"
                f" {other.user_id} is published. Erase one of the two, then run headshot reconcile."
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

        If the call fails, mark the entry and raise what `publish` promises. An unknown user is a permanent failure
        unless the entry `waits` for the account. It is none for a tombstone: there is nothing left to erase.
        """
        error: IdentityError
        try:
            if entry.identity_id is not None:
                with suppress(UnknownUserError):  # deleted; there may be a new account with the same name
                    return entry, call(entry.identity_id)
            identity_id = self.provider.find(entry.user_id)
            entry = replace(entry, identity_id=identity_id)
            return entry, call(identity_id)
        except IdentityError as caught:
            error = caught
        except Exception as caught:  # noqa: BLE001  a bug is marked and retried like any failure
            error = UnexpectedError(caught)
        # Outside the except blocks, so that no exception raised below is chained to a foreign one with its message.
        unknown = isinstance(error, UnknownUserError)
        if unknown and isinstance(entry, Tombstone):
            return entry, None
        if isinstance(error, ConfigurationError):
            metrics.count("IdentityProviderRefused")
        if is_final(error, tries, age) or (unknown and not waits):
            self._mark(entry, "failed", str(error))
            if isinstance(error, PermanentError):
                raise error
            raise PermanentError(f"{error} It is no longer retried.") from error
        self._mark(entry, "waiting" if unknown else "retrying", str(error))
        raise error

    def _count(self, entry: Entry) -> None:
        """Count a photo that the identity provider has confirmed, and how long it took since it was set.

        A photo that was published before is only being repaired, and one that waits for its account waits for others:
        neither says how fast Headshot publishes.
        """
        if isinstance(entry, Record):
            metrics.count("Published", IdentityProvider=type(self.provider).__name__)
            if entry.published is None or entry.published.status in ("retrying", "failed"):
                metrics.seconds("PublishLag", clock.seconds_since(entry.updated))

    def _mark_published(self, entry: Entry) -> bool:
        """Record that the identity provider has what `entry` says; return whether the entry is still current."""
        return self._mark(entry, "published") if isinstance(entry, Record) else self.records.confirm_erasure(entry)

    def _mark(self, entry: Entry, status: PublishedStatus, error: str | None = None) -> bool:
        """Record the result of an attempt; return whether the entry is still current."""
        if status == "failed":
            metrics.count("PublishFailed", IdentityProvider=type(self.provider).__name__)
        attempts = entry.published.attempts + 1 if entry.published else 1
        return self.records.mark(entry, Published(status, clock.now(), attempts, error))
