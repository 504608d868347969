"""What the bucket holds under `photos/`, user by user, for rebuilding the records."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any, Self

from headshot import metadata
from headshot.stores.aws import client, store_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_PHOTO = re.compile(r"photos/([^/]+)/([0-9a-f]{32})\.jpg")

# The frame header of what `headshot.imaging` writes: progressive, 8 bits, then height and width (ITU-T T.81 §B.2.2).
_FRAME = re.compile(rb"\xff\xc2\x00\x11\x08(..)(..)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Found:
    """An S3 version of a photo, or a delete marker on one; its size in bytes, and when it was stored."""

    user_id: str
    version: str
    s3_version_id: str
    size: int
    stored: datetime
    is_marker: bool


class Inventory:
    """Lists photos and reads their metadata. Every method raises StoreUnavailable if S3 fails."""

    def __init__(self, bucket: str, client: "S3Client") -> None:
        self._bucket = bucket
        self._s3 = client

    @classmethod
    def from_environment(cls) -> Self:
        """Open the bucket that the template names."""
        return cls(os.environ["PHOTOS_BUCKET"], client("s3"))

    def users(self, start_after: str | None) -> Iterator[list[Found]]:
        """Yield what is stored for each user after `start_after`, in S3's order of the user ids."""
        for _, found in groupby(self._all(start_after), lambda item: item.user_id):
            yield list(found)

    def facts(self, found: Found) -> dict[str, str]:
        """Return what the photo's metadata say (headshot.metadata), and at least its `width` and `height`.

        Raises
        ------
        ValueError
            If it has no metadata and is no photo of ours either.
        """
        where = self._where(found)
        with store_errors():
            facts = metadata.parse(self._s3.head_object(**where)["Metadata"])
            if {"width", "height"} <= facts.keys():
                return facts
            jpeg = self._s3.get_object(**where)["Body"].read()  # stored before photos had metadata
        frame = _FRAME.search(jpeg)
        if frame is None:
            raise ValueError("It is no photo that Headshot has written.")
        height, width = (str(int.from_bytes(side, "big")) for side in frame.groups())
        return facts | {"width": width, "height": height}

    def undelete(self, marker: Found) -> None:
        """Remove a delete marker, so that the S3 version before it is served again."""
        with store_errors():
            self._s3.delete_object(**self._where(marker))

    def _where(self, found: Found) -> Any:
        key = f"photos/{found.user_id}/{found.version}.jpg"
        return {"Bucket": self._bucket, "Key": key, "VersionId": found.s3_version_id}

    def _all(self, start_after: str | None) -> Iterator[Found]:
        # "0" follows "/", so this is after all photos of the user and before everyone else's.
        start: Any = {"KeyMarker": f"photos/{start_after}0"} if start_after else {}
        paginator = self._s3.get_paginator("list_object_versions")
        with store_errors():
            for page in paginator.paginate(Bucket=self._bucket, Prefix="photos/", **start):
                items: list[Any] = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
                # S3 returns the two kinds apart.
                for item in sorted(items, key=lambda item: item["Key"].encode()):
                    if key := _PHOTO.fullmatch(item["Key"]):
                        size, is_marker = item.get("Size", 0), "Size" not in item
                        yield Found(key[1], key[2], item["VersionId"], size, item["LastModified"], is_marker)
