"""The photos, in S3. One object a picture: `photos/{user_id}/{version}.jpg`.

A picture that was replaced is copied to `superseded/` and its S3 version under `photos/` is deleted. There a lifecycle
rule expires it 30 days later, while serve still finds it: somebody may be about to fetch it. Everything that removes
names the S3 version it means, so that it can't hit a picture that was stored again meanwhile under the same key.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any, Literal, Self

import boto3
from botocore.exceptions import ClientError

from headshot.stores.aws import CLIENT_CONFIG, error_code, store_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from headshot.imaging import Photo

_PREFIXES = ("photos", "superseded")
_PHOTO = re.compile(r"photos/([^/]+)/([0-9a-f]{32})\.jpg")
_Kind = Literal["Versions", "DeleteMarkers"]
_KINDS: tuple[_Kind, ...] = ("Versions", "DeleteMarkers")

# What S3 answers for a key or S3 version that does not exist, to a role that may list the bucket ("GetObject", S3 API
# Reference). HEAD has no body, so its code is the status. A refusal says nothing about what exists.
_MISSING = {"NoSuchKey", "NoSuchVersion", "404"}
_REJECTED = {"AccessDenied", "403"}

# Longer than Lambda lets any function run (15 minutes), so that what is older belongs to no upload under way.
_ABANDONED_AFTER = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class StoredPhoto:
    """A picture: its size in bytes, when it was stored in S3 if it was, and its bytes unless only asked about."""

    size: int
    last_modified: datetime | None
    jpeg: bytes | None = None


@dataclass(frozen=True, slots=True)
class PhotoVersion:
    """An S3 version under `photos/`: whose it is, which picture, and its id."""

    user_id: str
    version: str
    s3_version_id: str


class PhotoStore:
    """Keeps photos. Every method raises StoreUnavailable when S3 fails."""

    def __init__(self, bucket: str, client: "S3Client") -> None:
        self._bucket = bucket
        self._s3 = client

    @classmethod
    def from_environment(cls) -> Self:
        """Open the bucket that the template names."""
        return cls(os.environ["PHOTOS_BUCKET"], boto3.client("s3", config=CLIENT_CONFIG))

    def head(self, user_id: str, version: str) -> StoredPhoto | None:
        """Describe a picture, current or superseded, without reading it. None if there is none."""
        found = self._first(self._s3.head_object, user_id, version)
        return found and StoredPhoto(found["ContentLength"], found["LastModified"])

    def get(self, user_id: str, version: str) -> StoredPhoto | None:
        """Read a picture, current or superseded. None if there is none."""
        found = self._first(self._s3.get_object, user_id, version)
        if found is None:
            return None
        with store_errors():
            return StoredPhoto(found["ContentLength"], found["LastModified"], found["Body"].read())

    def put(self, user_id: str, photo: "Photo") -> str:
        """Store a picture and give the id of the S3 version that holds it."""
        with store_errors():
            stored = self._s3.put_object(
                Bucket=self._bucket,
                Key=_key("photos", user_id, photo.version),
                Body=photo.jpeg,
                ContentType="image/jpeg",
            )
        return stored["VersionId"]

    def exists(self, user_id: str, version: str, s3_version_id: str) -> bool:
        """Return whether this very S3 version of a picture is there.

        False is proved: by a list of the key's S3 versions that lacks it. A record may be deleted on the strength of
        that, which a HEAD that fails for whatever reason must not bring about.
        """
        key = _key("photos", user_id, version)
        found = self._unless(_MISSING | _REJECTED, self._s3.head_object, Key=key, VersionId=s3_version_id)
        if found is not None:
            return True
        return any(item["VersionId"] == s3_version_id for item in self._versions("Versions", key))

    def supersede(self, user_id: str, version: str, s3_version_id: str) -> None:
        """Move this very S3 version of a picture to where it expires. Do nothing if it is gone."""
        key = _key("photos", user_id, version)
        copied = self._unless(
            _MISSING,
            self._s3.copy_object,
            Key=_key("superseded", user_id, version),
            CopySource={"Bucket": self._bucket, "Key": key, "VersionId": s3_version_id},
            TaggingDirective="REPLACE",  # by none: copying tags needs s3:PutObjectTagging
        )
        if copied is not None:
            with store_errors():
                self._s3.delete_object(Bucket=self._bucket, Key=key, VersionId=s3_version_id)

    def supersede_abandoned(self, user_id: str, current: str) -> None:
        """Supersede what uploads that broke off have left behind: every S3 version but `current` that has grown old."""
        limit = datetime.now(UTC) - _ABANDONED_AFTER
        for item in self._versions("Versions", f"photos/{user_id}/"):
            if item["VersionId"] != current and item["LastModified"] < limit:
                version = item["Key"].rpartition("/")[2].removesuffix(".jpg")
                self.supersede(user_id, version, item["VersionId"])

    def stored_before(self, time: datetime) -> Iterator[list[PhotoVersion]]:
        """Yield all S3 versions under `photos/` that were stored before a time, page by page, a user's side by side."""
        pages: Any = self._s3.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix="photos/")
        with store_errors():
            for page in pages:
                yield [
                    PhotoVersion(key[1], key[2], item["VersionId"])
                    for item in page.get("Versions", [])
                    if item["LastModified"] < time and (key := _PHOTO.fullmatch(item["Key"]))
                ]

    def erase(self, user_id: str) -> int:
        """Delete every S3 version of every picture of a user, and return how many there were."""
        erased = 0
        for prefix, kind in product(_PREFIXES, _KINDS):
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

    def _first(self, operation: Any, user_id: str, version: str) -> Any:
        """Apply `operation` to the picture where it lies. `photos/` first: supersede copies before it deletes."""
        keys = (_key(prefix, user_id, version) for prefix in _PREFIXES)
        return next((found for key in keys if (found := self._unless(_MISSING, operation, Key=key))), None)

    def _unless(self, codes: set[str], operation: Any, **parameters: Any) -> Any:
        """Apply `operation` and return its answer, or None if that is an error with one of `codes`."""
        with store_errors():
            try:
                return operation(Bucket=self._bucket, **parameters)
            except ClientError as error:
                if error_code(error) in codes:
                    return None
                raise


def _key(prefix: str, user_id: str, version: str) -> str:
    return f"{prefix}/{user_id}/{version}.jpg"
