"""Stores that keep everything in memory and can be made to fail or to take turns."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from headshot import urls
from headshot.file import File, split
from headshot.imaging import Photo
from headshot.problems import StoreUnavailable, UploadConflict
from headshot.record import Entry, Published, Record, Tombstone
from headshot.stores.dropbox import DropBox
from headshot.stores.photos import PhotoStore, StoredPhoto
from headshot.stores.publish_queue import PublishQueue
from headshot.stores.records import RecordStore
from headshot.stores.uploads import Upload, UploadStore


def _nothing(_step: str) -> None:
    pass


class MemoryPhotos(PhotoStore):
    """S3 as far as PhotoStore uses it: `versions` maps (prefix, user id, version, S3 version id) to bytes."""

    def __init__(self, before: Callable[[str], None] = _nothing) -> None:
        self.versions: dict[tuple[str, str, str, str], bytes] = {}
        self.abandoned: list[str] = []
        self._before = before
        self._ids = itertools.count()

    def _find(self, user_id: str, version: str) -> bytes | None:
        found = [jpeg for key, jpeg in self.versions.items() if key[1:3] == (user_id, version)]
        return found[-1] if found else None

    def head(self, user_id: str, version: str) -> StoredPhoto | None:
        self._before("photos.head")
        jpeg = self._find(user_id, version)
        return StoredPhoto(len(jpeg), datetime.now(UTC)) if jpeg else None

    def get(self, user_id: str, version: str) -> StoredPhoto | None:
        self._before("photos.get")
        jpeg = self._find(user_id, version)
        return StoredPhoto(len(jpeg), datetime.now(UTC), jpeg) if jpeg else None

    def put(self, user_id: str, photo: Photo) -> str:
        self._before("photos.put")
        s3_version_id = f"s3-{next(self._ids)}"
        self.versions["photos", user_id, photo.version, s3_version_id] = photo.jpeg
        return s3_version_id

    def exists(self, user_id: str, version: str, s3_version_id: str) -> bool:
        self._before("photos.exists")
        return ("photos", user_id, version, s3_version_id) in self.versions

    def supersede(self, user_id: str, version: str, s3_version_id: str) -> None:
        self._before("photos.supersede")
        jpeg = self.versions.pop(("photos", user_id, version, s3_version_id), None)
        if jpeg:
            self.versions["superseded", user_id, version, f"s3-{next(self._ids)}"] = jpeg

    def supersede_abandoned(self, user_id: str, current: str) -> None:
        self._before("photos.supersede_abandoned")
        for s3_version_id in self.abandoned:
            for _, user, version, found in list(self.versions):
                if (user, found) == (user_id, s3_version_id) and found != current:
                    self.supersede(user_id, version, found)

    def erase(self, user_id: str) -> int:
        self._before("photos.erase")
        left = {key: jpeg for key, jpeg in self.versions.items() if key[1] != user_id}
        erased = len(self.versions) - len(left)
        self.versions = left
        return erased


class MemoryRecords(RecordStore):
    """DynamoDB as far as RecordStore uses it."""

    def __init__(self, before: Callable[[str], None] = _nothing, *, tombstones: bool = False) -> None:
        self.items: dict[str, Any] = {}
        self._before = before
        self._tombstones = tombstones
        self._erasures = itertools.count()

    def entry(self, user_id: str) -> Entry | None:
        self._before("records.entry")
        return self.items.get(user_id)

    def exists(self, user_id: str) -> bool:
        self._before("records.exists")
        return user_id in self.items

    def replace(self, current: Record | None, record: Record) -> None:
        self._before("records.replace")
        stands = self.items.get(record.user_id)
        if (stands if isinstance(stands, Record) else None) != current:
            raise UploadConflict("changed meanwhile")
        self.items[record.user_id] = record

    def mark(self, entry: Entry, published: Published) -> bool:
        self._before("records.mark")
        stands = self._standing(entry)
        if stands is None:
            return False
        identity_id = entry.identity_id or stands.identity_id
        self.items[entry.user_id] = replace(stands, published=published, identity_id=identity_id)
        return True

    def page(self, start_after: str | None, limit: int) -> tuple[list[Entry], str | None]:
        self._before("records.page")
        later = sorted(user_id for user_id in self.items if start_after is None or user_id > start_after)
        page = [self.items[user_id] for user_id in later[:limit]]
        return page, page[-1].user_id if len(later) > limit else None

    def erase_if_current(self, record: Record) -> bool:
        self._before("records.erase_if_current")
        stands = self._standing(record)
        if stands is None:
            return False
        del self.items[record.user_id]
        if self._tombstones and record.user_id != urls.DEFAULT_USER:
            erased = f"2026-01-02T03:04:{next(self._erasures):02}.000Z"
            self.items[record.user_id] = Tombstone(record.user_id, erased, stands.identity_id)
        return True

    def delete_tombstone(self, tombstone: Tombstone) -> bool:
        self._before("records.delete_tombstone")
        if self._standing(tombstone):
            del self.items[tombstone.user_id]
        return tombstone.user_id not in self.items

    def _standing(self, entry: Entry) -> Any:
        stands = self.items.get(entry.user_id)
        if isinstance(entry, Record):
            stood = isinstance(stands, Record) and stands.s3_version_id == entry.s3_version_id
        else:
            stood = isinstance(stands, Tombstone) and stands.erased == entry.erased
        return stands if stood else None


class MemoryErasable:
    """The drop box, and what became of the files in it, as far as an erasure uses them: user ids, one for each."""

    def __init__(self, *user_ids: str) -> None:
        self.user_ids = list(user_ids)

    def erase(self, user_id: str) -> int:
        left = [other for other in self.user_ids if other != user_id]
        erased = len(self.user_ids) - len(left)
        self.user_ids = left
        return erased


def fail_at(step: str, error: Exception) -> Callable[[str], Any]:
    """Make the first call of one step raise `error`."""
    errors = [error]

    def before(found: str) -> None:
        if found == step and errors:
            raise errors.pop()

    return before


class MemoryProvider:
    """An identity provider: what it holds, what was asked of it, and the errors that it answers with.

    `ids` are the identity ids of users, where they differ from the user ids. `error` meets every call, `errors` every
    call for a user, `once` one call for a user each.
    """

    def __init__(
        self,
        held: dict[str, str] | None = None,
        error: Exception | None = None,
        before: Callable[[str], None] = _nothing,
    ) -> None:
        self.held = dict(held or {})
        self.ids: dict[str, str] = {}
        self.calls: list[tuple[str, str]] = []
        self.error = error
        self.errors: dict[str, Exception] = {}
        self.once: dict[str, list[Exception]] = {}
        self.before = before

    def find(self, user_id: str) -> str:
        self._called("find", user_id)
        return self.ids.get(user_id, user_id)

    def read(self, identity_id: str) -> str | None:
        self._called("read", identity_id)
        return self.held.get(identity_id)

    def set(self, identity_id: str, url: str) -> None:
        self._called("set", identity_id)
        self.held[identity_id] = url
        self.before("provider.was set")

    def clear(self, identity_id: str) -> None:
        self._called("clear", identity_id)
        self.held.pop(identity_id, None)

    def _called(self, name: str, user_id: str) -> None:
        self.before(f"provider.{name}")
        self.calls.append((name, user_id))
        waiting = self.once.get(user_id)
        if error := waiting.pop() if waiting else self.errors.get(user_id) or self.error:
            raise error


class MemoryQueue(PublishQueue):
    """SQS as far as reconcile uses it."""

    def __init__(self) -> None:
        self.user_ids: list[str] = []

    def add(self, user_id: str) -> None:
        self.user_ids.append(user_id)


class MemoryDropBox(DropBox):
    """S3 as far as DropBox uses it.

    `files` holds (name, S3 version id, bytes), oldest first; `rejected` maps names to bytes.
    """

    def __init__(self, before: Callable[[str], None] = _nothing) -> None:
        self.files: list[tuple[str, str, bytes]] = []
        self.rejected: dict[str, bytes] = {}
        self._before = before
        self._ids = itertools.count()

    def drop(self, name: str, data: bytes) -> None:
        """Put a file into the drop box."""
        self.files.append((name, f"file-{next(self._ids)}", data))

    def find(self, name: str) -> File | None:
        self._before("drop_box.find")
        found = [(version, data) for other, version, data in self.files if other == name]
        if not found:
            return None
        *older, (newest, data) = found
        return File(name, newest, len(data), tuple(version for version, _ in older))

    def read(self, file: File) -> bytes:
        self._before("drop_box.read")
        return self._bytes(file)

    def _bytes(self, file: File) -> bytes:
        for _, version, data in self.files:
            if version == file.s3_version_id:
                return data
        raise StoreUnavailable

    def reject(self, file: File) -> None:
        self._before("drop_box.reject")
        self.rejected[file.name] = self._bytes(file)
        self.remove(file)

    def remove(self, file: File) -> None:
        self._before("drop_box.remove")
        gone = {*file.older, file.s3_version_id}
        self.files = [item for item in self.files if item[1] not in gone]

    def erase(self, user_id: str) -> int:
        self._before("drop_box.erase")
        before = len(self.files) + len(self.rejected)
        self.files = [item for item in self.files if split(item[0])[0] != user_id]
        self.rejected = {name: data for name, data in self.rejected.items() if split(name)[0] != user_id}
        return before - len(self.files) - len(self.rejected)


class MemoryUploads(UploadStore):
    """DynamoDB as far as UploadStore uses it: `items` has outcome and claimed S3 version by user id and upload id."""

    def __init__(self, before: Callable[[str], None] = _nothing) -> None:
        self.items: dict[tuple[str, str], tuple[Upload, str | None]] = {}
        self._before = before

    def put(self, outcome: Upload) -> None:
        self._before("uploads.put")
        self.items[outcome.user_id, outcome.upload_id] = outcome, None

    def claim(self, user_id: str, upload_id: str, s3_version_id: str) -> Upload | None:
        self._before("uploads.claim")
        outcome, claimed = self.items.get((user_id, upload_id), (None, None))
        if outcome is None or claimed not in (s3_version_id, None) or (claimed is None and outcome.status != "waiting"):
            return None
        self.items[user_id, upload_id] = outcome, s3_version_id
        return outcome

    def settle(self, outcome: Upload, s3_version_id: str) -> bool:
        self._before("uploads.settle")
        if (outcome.user_id, outcome.upload_id) not in self.items:
            return False
        self.items[outcome.user_id, outcome.upload_id] = outcome, s3_version_id
        return True

    def find(self, user_id: str, upload_id: str) -> Upload | None:
        self._before("uploads.find")
        return self.items.get((user_id, upload_id), (None, None))[0]

    def erase(self, user_id: str) -> int:
        self._before("uploads.erase")
        gone = [key for key in self.items if key[0] == user_id]
        for key in gone:
            del self.items[key]
        return len(gone)
