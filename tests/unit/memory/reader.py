from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from headshot.stores.reader import Reader
from headshot.stores.stored import StoredPhoto
from tests.unit.memory.steps import nothing


class MemoryReader(Reader):
    """Reads `photos`, JPEGs by user id and version, and `versions`, the current ones by user id."""

    def __init__(
        self,
        photos: Mapping[tuple[str, str], bytes],
        versions: Mapping[str, str],
        before: Callable[[str], None] = nothing,
    ) -> None:
        self._photos = photos
        self._versions = versions
        self._before = before

    def current(self, user_id: str) -> str | None:
        return self._versions.get(user_id)

    def head(self, user_id: str, version: str) -> StoredPhoto | None:
        self._before("head")
        jpeg = self._photos.get((user_id, version))
        return StoredPhoto(len(jpeg), datetime.now(UTC)) if jpeg else None

    def get(self, user_id: str, version: str) -> StoredPhoto | None:
        self._before("get")
        jpeg = self._photos.get((user_id, version))
        return StoredPhoto(len(jpeg), datetime.now(UTC), jpeg) if jpeg else None
