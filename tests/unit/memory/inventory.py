from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby

from headshot import metadata
from headshot.stores.inventory import Found, Inventory
from tests.unit.memory.photos import MemoryPhotos

STORED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class MemoryInventory(Inventory):
    """What `photos` holds. Each S3 version is a minute younger than the one before; `markers` are delete markers."""

    def __init__(self, photos: MemoryPhotos) -> None:
        self._photos = photos
        self.markers: list[Found] = []

    def users(self, start_after: str | None) -> Iterator[list[Found]]:
        found = list(self.markers)
        for age, ((prefix, user_id, version, s3_version_id), jpeg) in enumerate(self._photos.versions.items()):
            if prefix == "photos":
                stored = STORED + timedelta(minutes=age)
                found.append(Found(user_id, version, s3_version_id, len(jpeg), stored, is_marker=False))
        later = sorted((item for item in found if item.user_id > (start_after or "")), key=lambda item: item.user_id)
        for _, items in groupby(later, lambda item: item.user_id):
            yield list(items)

    def facts(self, found: Found) -> dict[str, str]:
        facts = metadata.parse(self._photos.metadata.get(found.s3_version_id, {}))
        if not facts:
            raise ValueError
        return facts

    def undelete(self, marker: Found) -> None:
        self.markers.remove(marker)
