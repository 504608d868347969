"""Erases a person: every picture there ever was, the record, and what is in the drop box."""

from dataclasses import asdict, dataclass
from typing import Any

from headshot.problems import UploadConflict
from headshot.record import Tombstone
from headshot.stores.dropbox import DropBox
from headshot.stores.photos import PhotoStore
from headshot.stores.records import RecordStore
from headshot.stores.uploads import UploadStore

_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an erasure has deleted, in S3 versions of `photos` and `files`, in items of the tables otherwise.

    `identity_provider` has the `status` of the erasure there (pending, retrying or failed), the time `at` which it was
    last tried, the number of `attempts`, and the last `error`; None if nothing is left to be done there.
    """

    user_id: str
    photos: int
    record: bool
    files: int
    uploads: int
    identity_provider: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Eraser:
    """Erases people from all stores."""

    incoming: DropBox
    uploads: UploadStore
    photos: PhotoStore
    records: RecordStore

    def erase(self, user_id: str) -> Receipt:
        """Erase a user, known or not. Repeating it is safe, and shows how the identity provider has fared since.

        Uploads go first, which voids all forms, then files in the drop box: both would bring the person back. Then goes
        the record: from then on nothing is served as current. An upload under way may put it back, so the record is
        looked for once more after the pictures have gone.

        Raises
        ------
        UploadConflict
            If uploads for the user keep coming in.
        StoreUnavailable
            If S3 or DynamoDB fails; what is left is erased when the request is sent again.
        """
        uploads = self.uploads.erase(user_id)
        files = self.incoming.erase(user_id)
        photos, record = 0, False
        for _ in range(_ROUNDS):
            record = self.records.erase(user_id) or record
            photos += self.photos.erase(user_id)
            left = self.records.entry(user_id)
            if left is None or isinstance(left, Tombstone):
                uploads += self.uploads.erase(user_id)
                return Receipt(user_id, photos, record, files, uploads, _progress(left))
        raise UploadConflict("Photos of this user are being uploaded all the while. Stop that, then erase again.")


def _progress(tombstone: Tombstone | None) -> dict[str, Any] | None:
    """Return how the erasure fares at the identity provider."""
    if tombstone is None:
        return None
    if tombstone.published:
        return asdict(tombstone.published)
    return {"status": "pending", "at": tombstone.erased, "attempts": 0, "error": None}
