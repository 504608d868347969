"""The drop box, in S3: files wait under `dropbox/` until they are looked at, and rejected ones under `rejected/`.

A file is named after its user: `{user_id}.jpg`, or with another ending or none; uploads by form have a name of their
own in a folder, `{user_id}/{upload_id}`. Of several S3 versions under one name the newest counts.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import TYPE_CHECKING, Any, Self

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from headshot.problems import UnreadableFile
from headshot.stores.aws import CLIENT_CONFIG, error_code, store_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# Bytes of a file at most, and seconds for which a form may be used.
MAX_FILE_BYTES = 25_000_000
FORM_SECONDS = 900

_INCOMING, _REJECTED = "dropbox/", "rejected/"

# Endings of image files, accepted or not. None of them is a top-level domain: user ids may end like e-mail addresses.
# headshot_cli/sources/folder.py has the same list.
_ENDING = re.compile(
    r"\.(jpe?g|jpe|jfif|jfi|jif|pjpeg|pjp|png|apng|gif|webp|heic|heif|hif|avif|jxl|jp2|j2k|jpx|tiff?|bmp|dib|ico|svg|tga"
    r"|psd|pdf|dng|cr2|cr3|nef|arw|raf|orf|rw2)$",
    re.IGNORECASE,
)

# Why S3 does not hand out a file, by the error code of GetObject ("Error responses", S3 API Reference; those of KMS
# have its own codes behind "KMS."). Copying the file to rejected/ fails for the same reason.
_KEY_REJECTED = "KMS.AccessDeniedException"
_KEY = "The file is encrypted with a KMS key that {problem}. Copy it again with --sse AES256."
_UNREADABLE = {
    _KEY_REJECTED: _KEY.format(problem="Headshot may not use"),
    "KMS.DisabledException": _KEY.format(problem="is disabled"),
    "KMS.KMSInvalidStateException": _KEY.format(problem="is about to be deleted"),
    "KMS.NotFoundException": _KEY.format(problem="no longer exists"),
    "InvalidRequest": "The file is encrypted with a key of its uploader's. Copy it again without --sse-c.",
    "InvalidObjectState": "The file is in an archive. Copy it again without --storage-class.",
}

# The name of a form's file: the user id and a UUID.
_FORM = re.compile(r"([^/]+)/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


@dataclass(frozen=True, slots=True)
class File:
    """The newest S3 version of a file, its size in bytes, and the older ones, which go with it."""

    name: str
    s3_version_id: str
    size: int
    older: tuple[str, ...]

    @property
    def user_id(self) -> str:
        """The user that the file is named after, if that is a user id at all."""
        return split(self.name)[0]

    @property
    def upload_id(self) -> str:
        """The id of the upload, unique among the uploads for the user."""
        return split(self.name)[1]

    @property
    def is_form(self) -> bool:
        """Whether a form put the file here, or at least named it."""
        return _FORM.fullmatch(self.name) is not None


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file that waits, and since when."""

    name: str
    since: datetime


def split(name: str) -> tuple[str, str]:
    """Return the user id and the upload id of a file's name, neither of them empty, which DynamoDB takes for no key.

    A form names its file after both. Any other file is named after its user, or lies in a folder that is; its upload id
    is a hash of the name, which may hold what does not survive in a path, such as `%`.
    """
    form = _FORM.fullmatch(name)
    if form:
        return form[1], form[2]
    folder, slash, _ = name.partition("/")
    user_id = folder if slash else _ENDING.sub("", name) or name
    return user_id or "?", hashlib.sha256(name.encode()).hexdigest()[:32]


class DropBox:
    """Keeps files until they are looked at. Every method raises StoreUnavailable when S3 fails."""

    def __init__(self, bucket: str, client: "S3Client", form_endpoint: str = "") -> None:
        self._bucket = bucket
        self._s3 = client
        self._form_endpoint = form_endpoint

    @classmethod
    def from_environment(cls) -> Self:
        """Open the bucket that the template names.

        AWS_ENDPOINT_URL and FORM_ENDPOINT_URL are set outside AWS only: where S3 is for this function, and where it is
        for the callers who get a form.
        """
        # A form is signed for the region's own address: the global one answers a new bucket's POST by a redirect.
        # Another endpoint knows no host names of buckets.
        style: Any = {"addressing_style": "path" if os.environ.get("AWS_ENDPOINT_URL") else "virtual"}
        config = CLIENT_CONFIG.merge(Config(signature_version="s3v4", s3=style))
        client = boto3.client("s3", config=config)
        return cls(os.environ["PHOTOS_BUCKET"], client, os.environ.get("FORM_ENDPOINT_URL", ""))

    def form(self, user_id: str, upload_id: str) -> dict[str, Any]:
        """Give address and fields of a form by which anybody may put this one file, for FORM_SECONDS.

        "Creating an HTML form (using AWS Signature Version 4)", S3 API Reference.
        """
        form = self._s3.generate_presigned_post(
            self._bucket,
            f"{_INCOMING}{user_id}/{upload_id}",
            Conditions=[["content-length-range", 1, MAX_FILE_BYTES]],
            ExpiresIn=FORM_SECONDS,
        )
        return form | ({"url": f"{self._form_endpoint}/{self._bucket}"} if self._form_endpoint else {})

    def find(self, name: str) -> File | None:
        """Give a file that waits, or None if it is gone, or but a folder that was made in the console of S3."""
        versions = [item for item in self._listed("Versions", _INCOMING + name) if item["Key"] == _INCOMING + name]
        newest = next((item for item in versions if item["IsLatest"]), None)
        if newest is None or (newest["Size"] == 0 and (_INCOMING + name).endswith("/")):
            return None
        older = tuple(item["VersionId"] for item in versions if item is not newest)
        return File(name, newest["VersionId"], newest["Size"], older)

    def waiting(self, before: datetime) -> Iterator[WaitingFile]:
        """Yield the files that have been waiting since before a time, page by page; folders are left out."""
        pages: Any = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=_INCOMING)
        with store_errors():
            for page in pages:
                for item in page.get("Contents", []):
                    is_folder = item["Size"] == 0 and item["Key"].endswith("/")
                    if item["LastModified"] < before and not is_folder:
                        yield WaitingFile(item["Key"].removeprefix(_INCOMING), item["LastModified"])

    def read(self, file: File) -> bytes:
        """Return a file's bytes.

        Raises
        ------
        UnreadableFile
            If S3 will not hand them out, however often it is asked.
        """
        source: Any = {"Bucket": self._bucket, "Key": _INCOMING + file.name, "VersionId": file.s3_version_id}
        with store_errors():
            try:
                return self._s3.get_object(**source)["Body"].read()
            except ClientError as error:
                code = error_code(error)
                # HEAD needs no permission on the key: if it succeeds, the key is what is missing.
                if code == "AccessDenied" and "kms" in self._s3.head_object(**source).get("ServerSideEncryption", ""):
                    code = _KEY_REJECTED
                if code in _UNREADABLE:
                    raise UnreadableFile(_UNREADABLE[code]) from error
                raise

    def reject(self, file: File) -> None:
        """Move a file to where rejected ones are kept for a while."""
        source: Any = {"Bucket": self._bucket, "Key": _INCOMING + file.name, "VersionId": file.s3_version_id}
        with store_errors():
            self._s3.copy_object(
                Bucket=self._bucket,
                Key=_REJECTED + file.name,
                CopySource=source,
                TaggingDirective="REPLACE",  # by none: copying tags needs s3:PutObjectTagging
            )
        self.remove(file)

    def remove(self, file: File) -> None:
        """Delete a file, older S3 versions first, so that none of them becomes the newest."""
        for version in (*file.older, file.s3_version_id):
            with store_errors():
                self._s3.delete_object(Bucket=self._bucket, Key=_INCOMING + file.name, VersionId=version)

    def erase(self, user_id: str) -> int:
        """Delete every S3 version of every file of a user, waiting or rejected, and return how many there were."""
        erased = 0
        for prefix, kind in product((_INCOMING, _REJECTED), ("Versions", "DeleteMarkers")):
            for item in self._listed(kind, prefix + user_id):
                if split(item["Key"].removeprefix(prefix))[0] == user_id:
                    with store_errors():
                        self._s3.delete_object(Bucket=self._bucket, Key=item["Key"], VersionId=item["VersionId"])
                    erased += kind == "Versions"
        return erased

    def _listed(self, kind: str, prefix: str) -> list[Any]:
        with store_errors():
            pages: Any = self._s3.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=prefix)
            return [item for page in pages for item in page.get(kind, [])]
