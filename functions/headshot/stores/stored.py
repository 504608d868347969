"""What photos.py and reader.py share: where a photo lies in the bucket, and what is read of it."""

from dataclasses import dataclass
from datetime import datetime

# Where a picture may be: current or superseded. `photos/` is asked first: superseding copies before it deletes.
PREFIXES = ("photos", "superseded")


@dataclass(frozen=True, slots=True)
class StoredPhoto:
    """A picture: its size in bytes, when it was stored (None if unknown), and the JPEG unless only HEAD was called."""

    size: int
    last_modified: datetime | None
    jpeg: bytes | None = None


def photo_key(prefix: str, user_id: str, version: str) -> str:
    """Return the key of a picture in the bucket."""
    return f"{prefix}/{user_id}/{version}.jpg"
