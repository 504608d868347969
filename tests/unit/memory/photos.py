import itertools
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime

from headshot.imaging import Photo
from headshot.stores.photos import PhotoStore
from headshot.stores.stored import StoredPhoto
from tests.unit.memory.steps import nothing


class MemoryPhotos(PhotoStore):
    """The photos: `versions` has bytes by prefix, user id, version and S3 version id; `metadata` is by the last."""

    def __init__(self, before: Callable[[str], None] = nothing) -> None:
        self.versions: dict[tuple[str, str, str, str], bytes] = {}
        self.metadata: dict[str, dict[str, str]] = {}
        self.abandoned: list[str] = []
        self._before = before
        self._ids = itertools.count()

    def _find(self, user_id: str, version: str) -> bytes | None:
        found = [jpeg for key, jpeg in self.versions.items() if key[1:3] == (user_id, version)]
        return found[-1] if found else None

    def get(self, user_id: str, version: str) -> StoredPhoto | None:
        self._before("photos.get")
        jpeg = self._find(user_id, version)
        return StoredPhoto(len(jpeg), datetime.now(UTC), jpeg) if jpeg else None

    def put(self, user_id: str, photo: Photo, metadata: Mapping[str, str] | None = None) -> str:
        self._before("photos.put")
        s3_version_id = f"s3-{next(self._ids)}"
        self.metadata[s3_version_id] = dict(metadata or {})
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

    def supersede_abandoned(self, user_id: str, kept: Collection[str]) -> None:
        self._before("photos.supersede_abandoned")
        for s3_version_id in self.abandoned:
            for _, user, version, found in list(self.versions):
                if (user, found) == (user_id, s3_version_id) and found not in kept:
                    self.supersede(user_id, version, found)

    def erase(self, user_id: str) -> int:
        self._before("photos.erase")
        left = {key: jpeg for key, jpeg in self.versions.items() if key[1] != user_id}
        erased = len(self.versions) - len(left)
        self.versions = left
        return erased
