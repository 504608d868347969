"""Erases a person: every picture there ever was, and the record."""

from headshot.photos import PhotoStore
from headshot.problems import UploadConflict
from headshot.records import RecordStore

_ROUNDS = 3


def erase_photo(photos: PhotoStore, records: RecordStore, user_id: str) -> None:
    """Leave no S3 version of any picture of a user, nor the record. Erasing whom nobody knows succeeds.

    The record goes first: from then on nothing is served as current. An upload under way may put it back, so the record
    is looked for once more after the pictures have gone.

    Raises
    ------
    UploadConflict
        If uploads for the user keep coming in.
    StoreUnavailable
        If S3 or DynamoDB fails; what is left is erased when the request is sent again.
    """
    for _ in range(_ROUNDS):
        records.delete(user_id)
        photos.erase(user_id)
        if records.find(user_id) is None:
            return
    raise UploadConflict("Photos of this user are being uploaded all the while. Stop that, then erase again.")
