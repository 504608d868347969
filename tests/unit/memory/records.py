import itertools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from headshot import urls
from headshot.history import Change
from headshot.problems import UploadConflict
from headshot.record import Entry, Published, Record, Tombstone
from headshot.stores.records import RecordStore
from tests.unit.memory.steps import nothing

EXPIRY = 1_770_000_000


class MemoryRecords(RecordStore):
    """The records: `items` has a record or tombstone by user id. A confirmed tombstone expires at EXPIRY."""

    def __init__(self, before: Callable[[str], None] = nothing, *, tombstones: bool = False) -> None:
        self.items: dict[str, Any] = {}
        self._before = before
        self._tombstones = tombstones
        self._erasures = itertools.count()

    @property
    def left(self) -> dict[str, Any]:
        """What something is left to do about: everything but confirmed tombstones."""
        return {user_id: entry for user_id, entry in self.items.items() if not getattr(entry, "is_confirmed", False)}

    def entry(self, user_id: str) -> Entry | None:
        self._before("records.entry")
        return self.items.get(user_id)

    def exists(self, user_id: str) -> bool:
        self._before("records.exists")
        return user_id in self.left

    def replace(self, current: Record | None, record: Record) -> None:
        self._before("records.replace")
        found = self.items.get(record.user_id)
        if (found if isinstance(found, Record) else None) != current:
            raise UploadConflict("changed in the meantime")
        self.items[record.user_id] = record

    def mark(self, entry: Entry, published: Published) -> bool:
        self._before("records.mark")
        current = self._current(entry)
        if current is None or entry.user_id not in self.left:
            return False
        identity_id = entry.identity_id or current.identity_id
        self.items[entry.user_id] = replace(current, published=published, identity_id=identity_id)
        return True

    def page(self, start_after: str | None, limit: int) -> tuple[list[Entry], str | None]:
        self._before("records.page")
        later = sorted(user_id for user_id in self.items if start_after is None or user_id > start_after)
        page = later[:limit]
        return [self.left[user_id] for user_id in page if user_id in self.left], page[-1] if len(
            later
        ) > limit else None

    def erase_if_current(self, record: Record, principal: str | None = None) -> bool:
        self._before("records.erase_if_current")
        current = self._current(record)
        if current is None:
            return False
        erased = f"2026-01-02T03:04:{next(self._erasures):02}.000Z"
        history = (Change(erased, "erased", "api", principal, correlation_id=record.correlation_id),)
        tombstone = Tombstone(record.user_id, erased, current.identity_id, None, record.correlation_id, history)
        waits = self._tombstones and record.user_id != urls.DEFAULT_USER
        self.items[record.user_id] = tombstone if waits else _confirmed(tombstone)
        return True

    def confirm_erasure(self, tombstone: Tombstone) -> bool:
        self._before("records.confirm_erasure")
        if self._current(tombstone):
            self.items[tombstone.user_id] = _confirmed(tombstone)
            return True
        return tombstone.user_id not in self.items

    def _current(self, entry: Entry) -> Any:
        """Return what is stored in place of an entry if that is the entry itself, however published, or None."""
        found = self.items.get(entry.user_id)
        if isinstance(entry, Record):
            same = isinstance(found, Record) and found.s3_version_id == entry.s3_version_id
        else:
            same = isinstance(found, Tombstone) and found.erased == entry.erased
        return found if same else None


def _confirmed(tombstone: Tombstone) -> Tombstone:
    """Return what is left of a tombstone."""
    return Tombstone(tombstone.user_id, tombstone.erased, history=tombstone.history, expires_at=EXPIRY)
