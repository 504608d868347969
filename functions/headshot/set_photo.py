"""Sets a person's photo.

The photo goes to S3 first, then into the record, so that a record never points to nothing. If anything breaks off
between two steps, the previous photo stays current and the request can be sent again. Clean-up never fails an upload
that has succeeded: a failure is logged as "clean-up failed", and the sweep later removes what is left under `photos/`.

Most of the time goes into waiting for AWS, so calls that need nothing of each other run at once. All of them have ended
before the upload does: Lambda freezes a function that has answered.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from headshot import clock, imaging, metadata, metrics, urls
from headshot.history import Change, Way, added
from headshot.problems import UploadConflict
from headshot.record import Record
from headshot.stores.photos import PhotoStore
from headshot.stores.records import RecordStore

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NewPhoto:
    """A picture that is to become a user's photo, and which square of it to keep.

    `image` holds the bytes of an image file, at most `max_bytes`. The photo's URL will begin with `base_url`.
    `principal` is the ARN of the caller, `correlation_id` that of the upload in log lines, `way` how it came in.
    """

    user_id: str
    image: bytes
    base_url: str
    principal: str
    crop: imaging.Crop = imaging.Gravity.UPPER_THIRD
    max_bytes: int = imaging.MAX_BYTES
    correlation_id: str | None = None
    way: Way = "api"


def set_photo(photos: PhotoStore, records: RecordStore, new: NewPhoto) -> tuple[Record, bool]:
    """Set a user's photo, and return the user's record and whether it has changed.

    Nothing changes if the picture is the user's current photo already.

    Raises
    ------
    ImageError
        If `imaging` does not accept the picture.
    UploadConflict
        If another request changed the user's photo at the same moment; that change is kept.
    StoreUnavailable
        If S3 or DynamoDB fails before the photo is known to be stored. The same request can be sent again.
    """
    user_id = new.user_id
    header = imaging.inspect(new.image, new.max_bytes)
    with ThreadPoolExecutor() as threads:
        reading = threads.submit(records.entry, user_id)
        converted = imaging.convert(header, new.crop)
    known = reading.result()
    current = known if isinstance(known, Record) else None
    photo = (current and _stored(photos, new, header)) or converted
    if current and current.version == photo.version and _check_and_clean_up(photos, current):
        return current, False

    now = clock.now()
    change = Change(now, "set", new.way, new.principal, photo.version, new.correlation_id)
    record = Record(
        user_id=user_id,
        url=urls.photo_url(new.base_url, user_id, photo.version),
        version=photo.version,
        s3_version_id="",  # S3 chooses it
        width=photo.width,
        height=photo.height,
        bytes=len(photo.jpeg),
        created=current.created if current else now,
        updated=now,
        principal=new.principal,
        identity_id=known.identity_id if known else None,
        correlation_id=new.correlation_id,
        history=added(known.history if known else (), change),
    )
    record = replace(record, s3_version_id=photos.put(user_id, photo, metadata.of(record)))
    try:
        records.replace(current, record)
    except UploadConflict:
        _clean_up(user_id, photos.supersede, record.version, record.s3_version_id)
        raise
    # An erasure may have deleted the record before this one was written, and the photo after it was stored. This record
    # must then not stay and point to nothing. A missing photo alone proves no erasure: a later upload may have
    # superseded it.
    if not _check_and_clean_up(photos, record, former=current) and records.erase_if_current(record):
        raise UploadConflict("The user was erased at the same moment. Send the photo again to keep it.")
    metrics.count("PhotoSet")
    return record, True


def _check_and_clean_up(photos: PhotoStore, record: Record, former: Record | None = None) -> bool:
    """Return whether the photo of `record` exists. Supersede that of `former` and abandoned ones at the same time."""
    user_id, kept = record.user_id, {record.s3_version_id}
    with ThreadPoolExecutor() as threads:
        existing = threads.submit(photos.exists, user_id, record.version, record.s3_version_id)
        if former:
            threads.submit(_clean_up, user_id, photos.supersede, former.version, former.s3_version_id)
            kept.add(former.s3_version_id)  # or it would be superseded twice
        threads.submit(_clean_up, user_id, photos.supersede_abandoned, kept)
    return existing.result()


def _clean_up(user_id: str, step: Callable[..., None], *arguments: object) -> None:
    """Call `step` with the user id and the arguments. Log any error, and carry on."""
    try:
        step(user_id, *arguments)
    except Exception:  # even a bug here must not fail an upload that has succeeded
        logger.exception("clean-up failed", extra={"user_id": user_id})


def _stored(photos: PhotoStore, new: NewPhoto, header: imaging.Header) -> imaging.Photo | None:
    """Return the user's stored photo with the same bytes as the picture, if any: converting it again would degrade it.

    It is read from the store, which holds only what `imaging.convert` has written: uploaded bytes are never stored.
    """
    if isinstance(new.crop, imaging.Square) or not imaging.may_be_photo(header):
        return None
    version = imaging.version_of(new.image)
    stored = photos.get(new.user_id, version)
    return imaging.Photo(stored.jpeg, version, header.width, header.height) if stored and stored.jpeg else None
