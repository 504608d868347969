"""A record, how it may be published, and the tombstone of an erased user."""

from headshot.history import Change
from headshot.record import Published, Record, Tombstone

VERSION = "9f86d081884c7d659a2feaa0c55ad015"
RECORD = Record(
    user_id="ada",
    url=f"https://photos.example.com/photos/ada/{VERSION}.jpg",
    version=VERSION,
    s3_version_id="s3-1",
    width=512,
    height=512,
    bytes=10_000,
    created="2026-01-02T03:04:05.000Z",
    updated="2026-01-02T03:04:05.000Z",
    principal="arn:aws:iam::123456789012:user/admin",
)
PUBLISHED = Published("published", "2026-01-02T03:04:06.000Z", 1)
FAILED = Published("failed", "2026-01-02T03:04:08.000Z", 2, "no permission")
ERASED = "2026-01-02T03:04:07.000Z"
ERASURE = Change(ERASED, "erased", "api", "arn:aws:iam::123456789012:user/admin", None, "request-2")
TOMBSTONE = Tombstone("ada", ERASED, "00u1", history=(ERASURE,))
