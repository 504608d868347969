"""Makes an uploaded picture a user's current photo.

S3 first, then the record, so that a record never points to nothing. Whatever breaks off between two steps leaves the
photo that was current in place, and the request can be sent again. Clean-up never fails an upload that has succeeded: a
failure is logged as "clean-up failed", and what is left under `photos/` is swept up later.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from headshot import clock, imaging, urls
from headshot.problems import UploadConflict
from headshot.record import Record
from headshot.stores.photos import PhotoStore
from headshot.stores.records import RecordStore

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NewPhoto:
    """What a caller sent: an image file's bytes for a user, and which square of it to keep.

    Photo URLs begin with `base_url`; `principal` is an ARN.
    """

    user_id: str
    image: bytes
    base_url: str
    principal: str
    crop: imaging.Crop = imaging.Gravity.UPPER_THIRD
    max_bytes: int = imaging.MAX_BYTES


def set_photo(photos: PhotoStore, records: RecordStore, upload: NewPhoto) -> tuple[Record, bool]:
    """Return the user's record after the upload, and whether the upload changed it.

    A picture that is current already changes nothing.

    Raises
    ------
    Problem
        As `imaging.normalise` does over what is not a good picture; UploadConflict if another request changed the
        photo at the same moment and stands; StoreUnavailable if S3 or DynamoDB fails before the photo is known to
        stand. The same request may then be sent again.
    """
    user_id = upload.user_id
    photo = _served(photos, upload) or imaging.normalise(upload.image, upload.crop, upload.max_bytes)
    known = records.entry(user_id)
    current = known if isinstance(known, Record) else None
    if current and current.version == photo.version and photos.exists(user_id, photo.version, current.s3_version_id):
        with _cleaning_up(user_id):
            photos.supersede_abandoned(user_id, current.s3_version_id)
        return current, False

    now = clock.now()
    record = Record(
        user_id=user_id,
        url=urls.photo_url(upload.base_url, user_id, photo.version),
        version=photo.version,
        s3_version_id=photos.put(user_id, photo),
        width=photo.width,
        height=photo.height,
        bytes=len(photo.jpeg),
        created=current.created if current else now,
        updated=now,
        principal=upload.principal,
        identity_id=known.identity_id if known else None,
    )
    try:
        records.replace(current, record)
    except UploadConflict:
        with _cleaning_up(user_id):
            photos.supersede(user_id, record.version, record.s3_version_id)
        raise
    if current:
        with _cleaning_up(user_id):
            photos.supersede(user_id, current.version, current.s3_version_id)
    # An erasure that deleted the record before it was written and the picture after it was stored must not leave a
    # record that points to nothing. Missing alone proves no erasure: a later upload may have superseded this one.
    if not photos.exists(user_id, record.version, record.s3_version_id) and records.erase_if_current(record):
        raise UploadConflict("The user was erased at the same moment. Send the photo again if it is to stay.")
    with _cleaning_up(user_id):
        photos.supersede_abandoned(user_id, record.s3_version_id)
    return record, True


@contextmanager
def _cleaning_up(user_id: str) -> Iterator[None]:
    """Log whatever is raised within, and go on."""
    try:
        yield
    except Exception:  # even a bug here must not turn a photo that stands into an error
        logger.exception("clean-up failed", extra={"user_id": user_id})


def _served(photos: PhotoStore, upload: NewPhoto) -> imaging.Photo | None:
    """Give the picture that the upload is byte for byte, if the user has it: made again, it would lose a little.

    It is taken from the store, where only `imaging.normalise` has put it; what was uploaded is never stored.
    """
    if isinstance(upload.crop, imaging.Square) or not imaging.looks_served(upload.image, upload.max_bytes):
        return None
    stored = photos.get(upload.user_id, imaging.Photo.of(upload.image).version)
    return imaging.Photo.of(stored.jpeg) if stored and stored.jpeg else None
