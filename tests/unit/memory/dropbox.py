import itertools
from collections.abc import Callable

from headshot.file import File, split
from headshot.problems import StoreUnavailable
from headshot.stores.dropbox import DropBox
from headshot.stores.uploads import Upload, UploadStore
from tests.unit.memory.steps import nothing


class MemoryDropBox(DropBox):
    """The drop box.

    `files` holds (name, S3 version id, bytes), oldest first; `rejected` maps names to bytes.
    """

    def __init__(self, before: Callable[[str], None] = nothing) -> None:
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
    """The uploads: `items` has an upload and the S3 version that claimed it, by user id and upload id."""

    def __init__(self, before: Callable[[str], None] = nothing) -> None:
        self.items: dict[tuple[str, str], tuple[Upload, str | None]] = {}
        self._before = before

    def put(self, upload: Upload) -> None:
        self._before("uploads.put")
        self.items[upload.user_id, upload.upload_id] = upload, None

    def claim(self, user_id: str, upload_id: str, s3_version_id: str) -> Upload | None:
        self._before("uploads.claim")
        upload, claimed = self.items.get((user_id, upload_id), (None, None))
        if upload is None or claimed not in (s3_version_id, None) or (claimed is None and upload.status != "waiting"):
            return None
        self.items[user_id, upload_id] = upload, s3_version_id
        return upload

    def settle(self, upload: Upload, s3_version_id: str) -> bool:
        self._before("uploads.settle")
        if (upload.user_id, upload.upload_id) not in self.items:
            return False
        self.items[upload.user_id, upload.upload_id] = upload, s3_version_id
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


class MemoryErasable:
    """The drop box or the uploads, for an erasure: a user id for each file or upload."""

    def __init__(self, *user_ids: str) -> None:
        self.user_ids = list(user_ids)

    def erase(self, user_id: str) -> int:
        left = [other for other in self.user_ids if other != user_id]
        erased = len(self.user_ids) - len(left)
        self.user_ids = left
        return erased
