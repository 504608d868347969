"""Makes a file in the drop box its user's current photo, or says why not.

What a message says is only that something came under a name. What is there is looked at when it is, so that a message
that comes late or twice does no harm. The outcome is written down before the file goes.
"""

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from headshot import urls
from headshot.imaging import ImageError, ImageTooLargeError
from headshot.problems import InvalidUserId, Problem, StoreUnavailable, UnreadableFile, UploadConflict
from headshot.set_photo import NewPhoto, set_photo
from headshot.stores.dropbox import MAX_FILE_BYTES, DropBox, File
from headshot.stores.photos import PhotoStore
from headshot.stores.records import Record, RecordStore
from headshot.stores.uploads import Upload, UploadStore

# S3 does not tell who uploaded a file; of a form's, the caller that asked for the form is known.
PRINCIPAL = "drop box"

# What to do with a better picture.
_NEXT_FORM = "Then request another form: each takes one file."
_NEXT_COPY = "Then copy it to the drop box again."

# Seconds until the first retry; the delay doubles from try to try. The ten tries that the queue allows (maxReceiveCount
# in template.yaml) then spread over 51 to 61 minutes: an outage of seconds costs seconds, one of half an hour is still
# survived, and no file waits longer after an outage than the outage took.
FIRST_DELAY = 3


def retry_delay(tries: int) -> float:
    """Return the seconds to wait after `tries` failed tries. Jitter spreads files that failed at the same moment."""
    return FIRST_DELAY * 2.0 ** (tries - 1) * random.uniform(1, 1.2)  # noqa: S311  not a secret


@dataclass(frozen=True, slots=True)
class Ingest:
    """Takes files from the drop box. Photo URLs begin with `base_url`."""

    incoming: DropBox
    photos: PhotoStore
    records: RecordStore
    uploads: UploadStore
    base_url: str

    def take(self, name: str) -> Upload | None:
        """Set the file of this name as its user's photo, and return the outcome.

        Return None if there is nothing to do: the file was ingested before or its user erased. A form's file is taken
        once, and only while its upload is waiting; any other that comes under its name is deleted.

        Raises
        ------
        StoreUnavailable, UploadConflict
            If S3 or DynamoDB fails, or another request changed the photo at the same moment; the file stays, and the
            same call may be made again.
        """
        while file := self.incoming.find(name):
            upload = self._upload(file)
            if upload is None:
                self.incoming.remove(replace(file, older=()))
                continue
            outcome = self._settle(file, upload) if upload.status == "waiting" else upload
            if outcome is None or outcome.status == "accepted":
                self.incoming.remove(file)
            elif outcome.code != UnreadableFile.code:  # which S3 does not copy, and which only its uploader can read
                self.incoming.reject(file)
            return outcome
        return None

    def _upload(self, file: File) -> Upload | None:
        """Return the upload that the file belongs to, as far as it is known; None for a form that is void."""
        if file.is_form:
            return self.uploads.claim(file.user_id, file.upload_id, file.s3_version_id)
        return Upload(file.user_id, file.upload_id, "waiting", _now(), file=file.name)

    def _settle(self, file: File, upload: Upload) -> Upload | None:
        """Set the photo and write down the outcome; None, and no photo, if the form's user was erased meanwhile."""
        record = None
        try:
            record = self._replace(file, upload.principal or PRINCIPAL)
            outcome = replace(upload, status="accepted", at=_now(), url=record.url)
        except (StoreUnavailable, UploadConflict):
            raise
        except Problem as problem:
            outcome = replace(upload, status="rejected", at=_now(), code=problem.code, detail=problem.detail)
        except ImageError as error:
            detail = f"{error.detail} {_NEXT_FORM if file.is_form else _NEXT_COPY}"
            outcome = replace(upload, status="rejected", at=_now(), code=error.code, detail=detail)
        if not file.is_form:
            self.uploads.put(outcome)
        elif not self.uploads.settle(outcome, file.s3_version_id):
            if record and self.records.withdraw(record):  # it was written after the erasure had deleted the former
                self.photos.erase(record.user_id)
            return None
        return outcome

    def _replace(self, file: File, principal: str) -> Record:
        user_id = _user_id(file)
        if file.size > MAX_FILE_BYTES:
            raise ImageTooLargeError(file.size, MAX_FILE_BYTES)
        upload = NewPhoto(user_id, self.incoming.read(file), self.base_url, principal, max_bytes=MAX_FILE_BYTES)
        return set_photo(self.photos, self.records, upload)[0]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _user_id(file: File) -> str:
    if "/" in file.name and not file.is_form:
        raise InvalidUserId(
            "Files in folders are not accepted. Copy the file to dropbox/ itself, named after its user, such as"
            " 00u1example.jpg."
        )
    return urls.check_user_id(file.user_id)
