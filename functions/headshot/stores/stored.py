"""What serve's reader shares with the other stores: where a photo lies, what is read of it, and what may be gone."""

from dataclasses import dataclass
from datetime import datetime

# Where a picture may be: current or superseded. `photos/` is asked first: superseding copies before it deletes.
PREFIXES = ("photos", "superseded")

# The error codes of a bucket and of a table that no longer exist, and which of them that is.
GONE = {"NoSuchBucket": "bucket", "ResourceNotFoundException": "table"}


@dataclass(frozen=True, slots=True)
class StoredPhoto:
    """A picture: its size in bytes, when it was stored (None if unknown), and the JPEG unless only HEAD was called."""

    size: int
    last_modified: datetime | None
    jpeg: bytes | None = None


def photo_key(prefix: str, user_id: str, version: str) -> str:
    """Return the key of a picture in the bucket."""
    return f"{prefix}/{user_id}/{version}.jpg"
