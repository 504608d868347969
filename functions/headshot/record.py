"""What is stored about a user: a record of the current photo or, after an erasure, a tombstone.

Each item has the number of its `schema`; an item without one has schema 1. A version of Headshot reads its own schema
and all lower ones, and refuses higher ones, which a later version has written: it could misread them. So a stack may be
rolled back as long as nothing has been written under a higher number.

A field that earlier versions may ignore, and whose absence has a meaning, needs no new number. A field that is removed,
renamed or takes another meaning does. Then release in two steps: a version that reads both, then one that writes it.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from headshot import scim
from headshot.history import History

# The schema of the items that this version writes, and the highest that it reads.
SCHEMA = 1

PublishedStatus = Literal["published", "retrying", "waiting", "failed"]
PublishedFilter = Literal[PublishedStatus, "untried"]


@dataclass(frozen=True, slots=True)
class Published:
    """The state of a photo or an erasure at the identity provider.

    `published` means done. `retrying` and `failed` have an `error`: what went wrong and what to do about it. `waiting`
    means that the identity provider has no account of this name yet. `at` is the time of the last attempt.
    """

    status: PublishedStatus
    at: str
    attempts: int
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A user's current photo.

    `version` identifies the picture, `s3_version_id` the S3 version that holds it. `width` and `height` are in pixels,
    `bytes` is the size of the JPEG. `created` is the time of the user's first photo, `updated` that of this one; times
    are as in `headshot.clock`. `principal` is the ARN of the caller that uploaded it. `published` is None before the
    first attempt to publish. `identity_id` is the identity provider's immutable id of the user, None until known.
    `correlation_id` is that of the upload: all log lines about it have it, those of publishing included. `history` has
    the latest changes, the oldest first.
    """

    user_id: str
    url: str
    version: str
    s3_version_id: str
    width: int
    height: int
    bytes: int
    created: str
    updated: str
    principal: str
    published: Published | None = None
    identity_id: str | None = None
    correlation_id: str | None = None
    history: History = ()

    def public(self) -> dict[str, Any]:
        """Return what callers may see, including the SCIM attribute."""
        shown = asdict(self) | {"scim": scim.photos(self.url)}
        for internal in ("s3_version_id", "identity_id", "correlation_id", "history"):
            del shown[internal]
        return shown


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What remains of an erased user: ids, times, and who erased them.

    `erased` is the time of the erasure, `history` has the erasure alone. Until the identity provider has confirmed it,
    `identity_id`, `published` and `correlation_id` are as in a record. Then only the history is left, and `expires_at`
    is when DynamoDB deletes it, in seconds since 1970; it is None before.
    """

    user_id: str
    erased: str
    identity_id: str | None = None
    published: Published | None = None
    correlation_id: str | None = None
    history: History = ()
    expires_at: int | None = None

    @property
    def is_confirmed(self) -> bool:
        """Whether nothing is left to do at the identity provider."""
        return self.expires_at is not None


Entry = Record | Tombstone
