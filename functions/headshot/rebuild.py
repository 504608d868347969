"""Rebuilds the records from the photos in the bucket.

For a table that was lost or restored to an earlier state, photos that were deleted in S3, and URLs that begin with
another address than before. What is right already stays as it is, so a rebuild is safe at any time and can be repeated.

An erasure deletes every S3 version of the user's photos, so a rebuild brings nobody back.
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import Literal, Self

from headshot import clock, urls
from headshot.history import Change, added
from headshot.problems import UploadConflict
from headshot.record import Record, Tombstone
from headshot.stores.inventory import Found, Inventory
from headshot.stores.photos import PhotoStore
from headshot.stores.records import RecordStore

_THREADS = 8  # as the sweep
_BATCH = 200  # users between two looks at the time

Status = Literal["unchanged", "rebuilt", "readdressed", "unreadable"]


@dataclass(frozen=True, slots=True)
class Summary:
    """How many users' records were `unchanged`, `rebuilt` from the photo, or `readdressed`: given a new URL.

    Photos of `unreadable` users were not written by Headshot.
    """

    unchanged: int = 0
    rebuilt: int = 0
    readdressed: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class Rebuilder:
    """Rebuilds records, with URLs that begin with `base_url`. Every method raises StoreUnavailable if AWS fails."""

    inventory: Inventory
    photos: PhotoStore
    records: RecordStore
    base_url: str

    @classmethod
    def from_environment(cls) -> Self:
        """Rebuild the records of the stack that the template describes."""
        stores = Inventory.from_environment(), PhotoStore.from_environment(), RecordStore.from_environment()
        return cls(*stores, urls.base_url())

    def rebuild(
        self, summary: Summary, start_after: str | None, time_left: Callable[[], bool]
    ) -> tuple[Summary, str | None]:
        """Rebuild the records of users after `start_after`, while there is `time_left`.

        Return the summary so far, and the user id to continue after, None at the end.
        """
        counts = Counter(asdict(summary))
        users = self.inventory.users(start_after)
        with ThreadPoolExecutor(_THREADS) as threads:
            while batch := list(islice(users, _BATCH)):
                counts.update(threads.map(self._rebuild, batch))
                start_after = batch[-1][0].user_id
                if not time_left():
                    return Summary(**counts), start_after
        return Summary(**counts), None

    def _rebuild(self, stored: list[Found]) -> Status:
        """Make a user's record point to a photo in the bucket, if it does not yet."""
        user_id = stored[0].user_id
        entry = self.records.entry(user_id)
        if isinstance(entry, Tombstone):
            if not entry.is_confirmed:  # an erasure under way
                return "unchanged"
            # What an interrupted erasure has left must not bring the user back; a photo that was set since may.
            stored = [item for item in stored if clock.rfc3339(item.stored) > entry.erased]
            entry = None
        for marker in (item for item in stored if item.is_marker):
            # Headshot deletes by S3 version, which leaves no marker: somebody else has deleted this photo.
            self.inventory.undelete(marker)
        photos = [item for item in stored if not item.is_marker]
        try:
            if entry and any(item.s3_version_id == entry.s3_version_id for item in photos):
                return self._readdress(entry)
            return self._write(entry, max(photos, key=lambda item: item.stored)) if photos else "unchanged"
        except UploadConflict:  # somebody uploads a photo at this moment
            return "unchanged"
        except ValueError:
            return "unreadable"

    def _readdress(self, record: Record) -> Status:
        url = urls.photo_url(self.base_url, record.user_id, record.version)
        if record.url == url:
            return "unchanged"
        self.records.replace(record, replace(record, url=url, published=None))
        return "readdressed"

    def _write(self, current: Record | None, found: Found) -> Status:
        facts = self.inventory.facts(found)
        stored = clock.rfc3339(found.stored)
        updated, principal = facts.get("updated", stored), facts.get("principal", "unknown")
        change = Change(updated, "set", None, principal, found.version)
        record = Record(
            user_id=found.user_id,
            url=urls.photo_url(self.base_url, found.user_id, found.version),
            version=found.version,
            s3_version_id=found.s3_version_id,
            width=int(facts["width"]),
            height=int(facts["height"]),
            bytes=found.size,
            created=facts.get("created", stored),
            updated=updated,
            principal=principal,
            identity_id=facts.get("identity_id"),
            history=added(current.history if current else (), change),
        )
        self.records.replace(current, record)
        # An erasure may have run since the bucket was listed. This record must then not bring the user back.
        if not self.photos.exists(record.user_id, record.version, record.s3_version_id):
            self.records.erase_if_current(record)
            return "unchanged"
        return "rebuilt"
