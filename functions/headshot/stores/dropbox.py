"""The drop box, in S3: files wait under `dropbox/` until they are ingested. Rejected ones are kept under `rejected/`.

If a file has several S3 versions, the newest one counts.
"""

import os
from collections.abc import Iterator
from datetime import datetime
from itertools import product
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import ClientError

from headshot.file import File, WaitingFile, split
from headshot.problems import UnreadableFile
from headshot.stores.aws import client, error_code, store_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# The largest file in bytes, and the seconds for which a form is valid.
MAX_FILE_BYTES = 25_000_000
FORM_SECONDS = 900

_WAITING, _REJECTED = "dropbox/", "rejected/"

# Why S3 does not return a file, by the error code of GetObject ("Error responses", S3 API Reference; KMS's own error
# codes follow "KMS."). Copying the file to rejected/ fails for the same reason.
_KEY_DENIED = "KMS.AccessDeniedException"
_KEY = "The file is encrypted with a KMS key that {problem}. Copy it again with --sse AES256."
_UNREADABLE = {
    _KEY_DENIED: _KEY.format(problem="Headshot may not use"),
    "KMS.DisabledException": _KEY.format(problem="is disabled"),
    "KMS.KMSInvalidStateException": _KEY.format(problem="is about to be deleted"),
    "KMS.NotFoundException": _KEY.format(problem="no longer exists"),
    "InvalidRequest": "The file is encrypted with a key that only its uploader has. Copy it again without --sse-c.",
    "InvalidObjectState": "The file is in an archive. Copy it again without --storage-class.",
}


class DropBox:
    """Stores files until they are ingested. Every method raises StoreUnavailable if S3 fails."""

    def __init__(self, bucket: str, client: "S3Client", form_endpoint: str = "") -> None:
        self._bucket = bucket
        self._s3 = client
        self._form_endpoint = form_endpoint

    @classmethod
    def from_environment(cls) -> Self:
        """Open the bucket that the template names.

        AWS_ENDPOINT_URL and FORM_ENDPOINT_URL are set outside AWS only: the address of S3 for this function, and the
        one for callers who use a form.
        """
        return cls(os.environ["PHOTOS_BUCKET"], client("s3"), os.environ.get("FORM_ENDPOINT_URL", ""))

    def form(self, user_id: str, upload_id: str) -> dict[str, Any]:
        """Return a presigned POST: the `url` and `fields` of a form that uploads one file without credentials.

        It is valid for FORM_SECONDS ("Creating an HTML form (using AWS Signature Version 4)", S3 API Reference).
        """
        form = self._s3.generate_presigned_post(
            self._bucket,
            f"{_WAITING}{user_id}/{upload_id}",
            Conditions=[["content-length-range", 1, MAX_FILE_BYTES]],
            ExpiresIn=FORM_SECONDS,
        )
        return form | ({"url": f"{self._form_endpoint}/{self._bucket}"} if self._form_endpoint else {})

    def find(self, name: str) -> File | None:
        """Return a waiting file, or None if there is none. Folders made in the S3 console are not files."""
        key = _WAITING + name
        versions = [item for item in self._listed("Versions", key) if item["Key"] == key]
        newest = next((item for item in versions if item["IsLatest"]), None)
        if newest is None or _is_folder(newest):
            return None
        older = tuple(item["VersionId"] for item in versions if item is not newest)
        return File(name, newest["VersionId"], newest["Size"], older)

    def waiting(self, before: datetime) -> Iterator[WaitingFile]:
        """Yield the files that arrived before a time, page by page."""
        pages: Any = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=_WAITING)
        with store_errors():
            for page in pages:
                for item in page.get("Contents", []):
                    if item["LastModified"] < before and not _is_folder(item):
                        yield WaitingFile(item["Key"].removeprefix(_WAITING), item["LastModified"])

    def read(self, file: File) -> bytes:
        """Return the contents of a file.

        Raises
        ------
        UnreadableFile
            If S3 will never return them, because of the file's encryption or storage class.
        """
        source = self._source(file)
        with store_errors():
            try:
                return self._s3.get_object(**source)["Body"].read()
            except ClientError as error:
                code = error_code(error)
                # HEAD needs no permission for the KMS key. If it succeeds, that permission is what GET lacks.
                if code == "AccessDenied" and "kms" in self._s3.head_object(**source).get("ServerSideEncryption", ""):
                    code = _KEY_DENIED
                if code in _UNREADABLE:
                    raise UnreadableFile(_UNREADABLE[code]) from error
                raise

    def reject(self, file: File) -> None:
        """Move a file to `rejected/`, where a lifecycle rule deletes it."""
        with store_errors():
            self._s3.copy_object(
                Bucket=self._bucket,
                Key=_REJECTED + file.name,
                CopySource=self._source(file),
                TaggingDirective="REPLACE",  # without tags: copying them requires s3:PutObjectTagging
            )
        self.remove(file)

    def remove(self, file: File) -> None:
        """Delete a file, its older S3 versions first, so that none of them becomes the newest."""
        for version in (*file.older, file.s3_version_id):
            with store_errors():
                self._s3.delete_object(Bucket=self._bucket, Key=_WAITING + file.name, VersionId=version)

    def erase(self, user_id: str) -> int:
        """Delete all S3 versions of a user's files, waiting or rejected, and return how many there were."""
        erased = 0
        for prefix, kind in product((_WAITING, _REJECTED), ("Versions", "DeleteMarkers")):
            for item in self._listed(kind, prefix + user_id):
                if split(item["Key"].removeprefix(prefix))[0] == user_id:
                    with store_errors():
                        self._s3.delete_object(Bucket=self._bucket, Key=item["Key"], VersionId=item["VersionId"])
                    erased += kind == "Versions"
        return erased

    def _source(self, file: File) -> Any:
        return {"Bucket": self._bucket, "Key": _WAITING + file.name, "VersionId": file.s3_version_id}

    def _listed(self, kind: str, prefix: str) -> list[Any]:
        """Return all S3 versions, or all delete markers, of the keys that begin with `prefix`."""
        with store_errors():
            pages: Any = self._s3.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=prefix)
            return [item for page in pages for item in page.get(kind, [])]


def _is_folder(item: Any) -> bool:
    key: str = item["Key"]
    return item["Size"] == 0 and key.endswith("/")
