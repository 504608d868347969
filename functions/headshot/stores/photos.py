"""The photos, in S3: one object per picture, `photos/{user_id}/{version}.jpg`.

A replaced picture is superseded: copied to `superseded/`, and its S3 version under `photos/` deleted. It is served for
another 30 days, since clients may still fetch its URL; then a lifecycle rule deletes it. Every deletion names an S3
version, so that it cannot hit the same picture uploaded again under the same key.
"""

import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any, Literal, Self

from headshot.stores.aws import client, none_if, store_errors
from headshot.stores.stored import PREFIXES, StoredPhoto, photo_key

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from headshot.imaging import Photo

_PHOTO = re.compile(r"photos/([^/]+)/([0-9a-f]{32})\.jpg")
_Kind = Literal["Versions", "DeleteMarkers"]
_KINDS: tuple[_Kind, ...] = ("Versions", "DeleteMarkers")

# The error codes for a key or S3 version that does not exist, if the role may list the bucket ("GetObject", S3 API
# Reference). For HEAD, the code is the status. A denied request says nothing about what exists.
_MISSING = {"NoSuchKey", "NoSuchVersion", "404"}
_DENIED = {"AccessDenied", "403"}

# Longer than any function may run (15 minutes), so that an older S3 version belongs to no upload in progress.
_ABANDONED_AFTER = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class PhotoVersion:
    """An S3 version under `photos/`: its user, the picture's version, and its S3 version id."""

    user_id: str
    version: str
    s3_version_id: str


class PhotoStore:
    """Stores photos. Every method raises StoreUnavailable if S3 fails."""

    def __init__(self, bucket: str, client: "S3Client") -> None:
        self._bucket = bucket
        self._s3 = client

    @classmethod
    def from_environment(cls) -> Self:
        """Open the bucket that the template names."""
        return cls(os.environ["PHOTOS_BUCKET"], client("s3"))

    def get(self, user_id: str, version: str) -> StoredPhoto | None:
        """Return a picture, current or superseded, or None."""
        for prefix in PREFIXES:
            found = self._none_if(_MISSING, self._s3.get_object, Key=photo_key(prefix, user_id, version))
            if found is not None:
                with store_errors():
                    return StoredPhoto(found["ContentLength"], found["LastModified"], found["Body"].read())
        return None

    def put(self, user_id: str, photo: "Photo", metadata: Mapping[str, str] | None = None) -> str:
        """Store a picture, with metadata if there are any, and return its S3 version id."""
        with store_errors():
            stored = self._s3.put_object(
                Bucket=self._bucket,
                Key=photo_key("photos", user_id, photo.version),
                Body=photo.jpeg,
                ContentType="image/jpeg",
                Metadata=metadata or {},
            )
        return stored["VersionId"]

    def exists(self, user_id: str, version: str, s3_version_id: str) -> bool:
        """Return whether this S3 version of a picture exists.

        False is certain: the key's S3 versions were listed. Callers delete a record because of it, so a failed HEAD
        must not suffice.
        """
        key = photo_key("photos", user_id, version)
        found = self._none_if(_MISSING | _DENIED, self._s3.head_object, Key=key, VersionId=s3_version_id)
        if found is not None:
            return True
        return any(item["VersionId"] == s3_version_id for item in self._versions("Versions", key))

    def supersede(self, user_id: str, version: str, s3_version_id: str) -> None:
        """Move this S3 version of a picture to `superseded/`. Do nothing if it does not exist."""
        key = photo_key("photos", user_id, version)
        copied = self._none_if(
            _MISSING,
            self._s3.copy_object,
            Key=photo_key("superseded", user_id, version),
            CopySource={"Bucket": self._bucket, "Key": key, "VersionId": s3_version_id},
            TaggingDirective="REPLACE",  # without tags: copying them requires s3:PutObjectTagging
        )
        if copied is not None:
            with store_errors():
                self._s3.delete_object(Bucket=self._bucket, Key=key, VersionId=s3_version_id)

    def supersede_abandoned(self, user_id: str, kept: Collection[str]) -> None:
        """Supersede what interrupted uploads left behind: old S3 versions of the user's pictures, except `kept`."""
        limit = datetime.now(UTC) - _ABANDONED_AFTER
        for item in self._versions("Versions", f"photos/{user_id}/"):
            if item["VersionId"] not in kept and item["LastModified"] < limit:
                version = item["Key"].rpartition("/")[2].removesuffix(".jpg")
                self.supersede(user_id, version, item["VersionId"])

    def stored_before(self, time: datetime) -> Iterator[list[PhotoVersion]]:
        """Yield the S3 versions under `photos/` stored before a time, page by page, in order of their users."""
        pages: Any = self._s3.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix="photos/")
        with store_errors():
            for page in pages:
                old = [item for item in page.get("Versions", []) if item["LastModified"] < time]
                keys = [(_PHOTO.fullmatch(item["Key"]), item["VersionId"]) for item in old]
                yield [PhotoVersion(key[1], key[2], s3_version_id) for key, s3_version_id in keys if key]

    def erase(self, user_id: str) -> int:
        """Delete all S3 versions of all pictures of a user, and return how many there were."""
        erased = 0
        for prefix, kind in product(PREFIXES, _KINDS):
            for item in self._versions(kind, f"{prefix}/{user_id}/"):
                with store_errors():
                    self._s3.delete_object(Bucket=self._bucket, Key=item["Key"], VersionId=item["VersionId"])
                erased += kind == "Versions"
        return erased

    def _versions(self, kind: _Kind, prefix: str) -> list[Any]:
        """Return all S3 versions, or all delete markers, of the keys that begin with `prefix`."""
        with store_errors():
            pages = self._s3.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=prefix)
            return [item for page in pages for item in page.get(kind, [])]

    def _none_if(self, codes: set[str], operation: Any, **parameters: Any) -> Any:
        return none_if(codes, operation, Bucket=self._bucket, **parameters)
