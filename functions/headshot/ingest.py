"""Sets a file in the drop box as its user's photo, or rejects it with the reason.

The status is stored before the file is removed, so a crash in between loses nothing: a retry finishes the rest.
"""

import random
from dataclasses import dataclass, replace
from typing import Self

from headshot import clock, urls
from headshot.file import File
from headshot.imaging import ImageError, ImageTooLargeError
from headshot.problems import InvalidUserId, Problem, StoreUnavailable, UnreadableFile, UploadConflict
from headshot.record import Record
from headshot.set_photo import NewPhoto, set_photo
from headshot.stores.dropbox import MAX_FILE_BYTES, DropBox
from headshot.stores.photos import PhotoStore
from headshot.stores.records import RecordStore
from headshot.stores.uploads import Upload, UploadStore

# S3 does not report who copied a file into the drop box. For an upload by form, the caller is known.
PRINCIPAL = "drop box"

# What to do with a better picture.
_NEXT_FORM = "Then request another form: each takes one file."
_NEXT_COPY = "Then copy it to the drop box again."

# Seconds until the first retry; the delay doubles with every attempt. The ten attempts that the queue allows
# (maxReceiveCount in template.yaml) spread over 51 to 61 minutes: a short outage costs seconds, one of half an hour
# fails no file, and no file waits longer after an outage than the outage took.
FIRST_DELAY = 3


def retry_delay(attempts: int) -> float:
    """Return the seconds to wait after failed attempts. Jitter spreads files that failed at the same moment."""
    return FIRST_DELAY * 2.0 ** (attempts - 1) * random.uniform(1, 1.2)  # noqa: S311  not a secret


@dataclass(frozen=True, slots=True)
class Ingester:
    """Ingests files from the drop box. Photo URLs begin with `base_url`."""

    drop_box: DropBox
    photos: PhotoStore
    records: RecordStore
    uploads: UploadStore
    base_url: str

    @classmethod
    def from_environment(cls) -> Self:
        """Ingest from and into the stores that the template names."""
        return cls(
            DropBox.from_environment(),
            PhotoStore.from_environment(),
            RecordStore.from_environment(),
            UploadStore.from_environment(),
            urls.base_url(),
        )

    def ingest(self, name: str, correlation_id: str | None = None) -> Upload | None:
        """Set the file of this name as its user's photo, and return the upload, accepted or rejected.

        `correlation_id` is that of the file's event. A form's file has the one of the request for the form.

        Return None if there is nothing to do: the file was already ingested, or its user was erased. A form accepts one
        file, and only while its upload is waiting; other files of that name are deleted.

        Raises
        ------
        StoreUnavailable, UploadConflict
            If S3 or DynamoDB fails, or another request changed the photo at the same moment. The file stays for a
            retry.
        """
        while file := self.drop_box.find(name):
            waiting = self._upload(file, correlation_id)
            if waiting is None:
                self.drop_box.remove(replace(file, older=()))
                continue
            upload = self._settle(file, waiting) if waiting.status == "waiting" else waiting
            if upload is None or upload.status == "accepted":
                self.drop_box.remove(file)
            elif upload.code != UnreadableFile.code:  # S3 cannot copy an unreadable file, so it stays for its uploader
                self.drop_box.reject(file)
            return upload
        return None

    def _upload(self, file: File, correlation_id: str | None) -> Upload | None:
        """Return the upload that the file belongs to, or None if the file's form is not valid any more."""
        if file.is_form:
            claimed = self.uploads.claim(file.user_id, file.upload_id, file.s3_version_id)
            return claimed and replace(claimed, correlation_id=claimed.correlation_id or correlation_id)
        return Upload(
            file.user_id, file.upload_id, "waiting", clock.now(), file=file.name, correlation_id=correlation_id
        )

    def _settle(self, file: File, upload: Upload) -> Upload | None:
        """Set the photo and store the upload's status.

        Return None, and set no photo, if the user was erased after requesting the form.
        """
        record = None
        try:
            record = self._set_photo(file, upload)
            settled = replace(upload, status="accepted", at=clock.now(), url=record.url)
        except Problem as problem:
            if isinstance(problem, StoreUnavailable | UploadConflict):
                raise
            settled = replace(upload, status="rejected", at=clock.now(), code=problem.code, detail=problem.detail)
        except ImageError as error:
            detail = f"{error.detail} {_NEXT_FORM if file.is_form else _NEXT_COPY}"
            settled = replace(upload, status="rejected", at=clock.now(), code=error.code, detail=detail)
        if not file.is_form:
            self.uploads.put(settled)
        elif not self.uploads.settle(settled, file.s3_version_id):
            # The erasure has already deleted the former record. This one would bring the person back.
            if record and self.records.erase_if_current(record):
                self.photos.erase(record.user_id)
            return None
        return settled

    def _set_photo(self, file: File, upload: Upload) -> Record:
        user_id = _user_id(file)
        if file.size > MAX_FILE_BYTES:
            raise ImageTooLargeError(file.size, MAX_FILE_BYTES)
        photo = NewPhoto(
            user_id,
            self.drop_box.read(file),
            self.base_url,
            upload.principal or PRINCIPAL,
            max_bytes=MAX_FILE_BYTES,
            correlation_id=upload.correlation_id,
            way="form" if file.is_form else "drop box",
        )
        record, _ = set_photo(self.photos, self.records, photo)
        return record


def _user_id(file: File) -> str:
    if "/" in file.name and not file.is_form:
        raise InvalidUserId(
            "Files in folders are not accepted. Copy the file to dropbox/ itself, named after its user, such as"
            " 00u1example.jpg."
        )
    return urls.check_user_id(file.user_id)
