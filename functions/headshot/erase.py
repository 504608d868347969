"""Erases a person: the uploads, the files in the drop box, the photos and the record."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from headshot.problems import UploadConflict
from headshot.record import Tombstone
from headshot.stores.dropbox import DropBox
from headshot.stores.edge import Edge
from headshot.stores.photos import PhotoStore
from headshot.stores.records import RecordStore
from headshot.stores.uploads import UploadStore

_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an erasure deleted: the number of S3 versions of `photos` and `files`, and of items in the tables.

    `identity_provider` is the state of the erasure there: its `status` (pending, retrying or failed), the time
    `at` of the last attempt, the number of `attempts`, and the last `error`. None means that nothing is left to do.
    """

    user_id: str
    photos: int
    record: bool
    files: int
    uploads: int
    identity_provider: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Eraser:
    """Erases people from all stores, and leaves a tombstone by which publish erases them at the identity provider.

    `edge` is None if nothing caches photos in front of the API.
    """

    drop_box: DropBox
    uploads: UploadStore
    photos: PhotoStore
    records: RecordStore
    edge: Edge | None = None

    @classmethod
    def from_environment(cls) -> Self:
        """Erase from the stores that the template names."""
        return cls(
            DropBox.from_environment(),
            UploadStore.from_environment(),
            PhotoStore.from_environment(),
            RecordStore.from_environment(),
            Edge.from_environment(),
        )

    def erase(self, user_id: str, correlation_id: str | None = None, principal: str | None = None) -> Receipt:
        """Erase a user, known or not. Repeating it is safe and reports progress at the identity provider.

        The tombstone keeps `correlation_id`, so that publishing the erasure is logged under it, and `principal`, the
        ARN of the caller, for the history.

        The order matters, because requests for the same user may run at the same moment:

        1. Uploads, so that no form works any more; then files. Both could bring the person back.
        2. The record, so that no photo is current any more; then the photos in every version.
        3. If a running upload has stored a record in the meantime, repeat step 2.
        4. The edge, once S3 has no photo with which it could fill its caches again. It does so for users without a
           photo, too: the erasure may repeat one that failed here.
        5. Uploads again: a file that was being ingested in step 1 may have stored its status since.

        Raises
        ------
        UploadConflict
            If photos of the user keep being uploaded.
        StoreUnavailable
            If S3, DynamoDB or CloudFront fails. Erase the user again to delete the rest.
        """
        uploads = self.uploads.erase(user_id)
        files = self.drop_box.erase(user_id)
        photos, record = 0, False
        for _ in range(_ROUNDS):
            record = self.records.erase(user_id, correlation_id, principal) or record
            photos += self.photos.erase(user_id)
            entry = self.records.entry(user_id)
            if entry is None or isinstance(entry, Tombstone):
                if self.edge:
                    self.edge.invalidate(user_id)
                uploads += self.uploads.erase(user_id)
                return Receipt(user_id, photos, record, files, uploads, _progress(entry))
        raise UploadConflict("Photos of this user keep being uploaded. Stop the uploads, then erase the user again.")


def _progress(tombstone: Tombstone | None) -> dict[str, Any] | None:
    """Return the state of the erasure at the identity provider."""
    if tombstone is None or tombstone.is_confirmed:
        return None
    if tombstone.published:
        return asdict(tombstone.published)
    return {"status": "pending", "at": tombstone.erased, "attempts": 0, "error": None}
