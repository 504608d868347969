"""Makes a file in the drop box its user's current photo, or says why not.

What a message says is only that something came under a name. What is there is looked at when it is, so that a message
that comes late or twice does no harm. The outcome is written down before the file goes.
"""

import random
from dataclasses import dataclass
from datetime import UTC, datetime

from headshot import urls
from headshot.incoming import MAX_FILE_BYTES, File, Incoming
from headshot.outcomes import Outcome, OutcomeState, OutcomeStore
from headshot.photos import PhotoStore
from headshot.problems import ImageTooLarge, InvalidUserId, Problem, StoreUnavailable, UploadConflict
from headshot.records import RecordStore
from headshot.replace import Upload, replace_photo

# Who uploaded it, S3 does not tell.
PRINCIPAL = "drop box"

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

    incoming: Incoming
    photos: PhotoStore
    records: RecordStore
    outcomes: OutcomeStore
    base_url: str

    def take(self, name: str) -> Outcome | None:
        """Give the outcome of the file of this name, None if it is gone: then it was taken before, or its user erased.

        Raises
        ------
        StoreUnavailable, UploadConflict
            If S3 or DynamoDB fails, or another request changed the photo at the same moment; the file stays, and the
            same call may be made again.
        """
        file = self.incoming.find(name)
        if file is None:
            return None
        try:
            outcome = self._outcome(file, "accepted", url=self._replace(file))
        except (StoreUnavailable, UploadConflict):
            raise
        except Problem as problem:
            outcome = self._outcome(file, "refused", code=problem.code, detail=problem.detail)
        self.outcomes.put(outcome)
        if outcome.state == "accepted":
            self.incoming.remove(file)
        else:
            self.incoming.refuse(file)
        return outcome

    def _replace(self, file: File) -> str:
        user_id = _user_id(file)
        if file.size > MAX_FILE_BYTES:
            raise ImageTooLarge.of(file.size, MAX_FILE_BYTES)
        upload = Upload(user_id, self.incoming.read(file), self.base_url, PRINCIPAL, max_bytes=MAX_FILE_BYTES)
        record, _ = replace_photo(self.photos, self.records, upload)
        return record.url

    def _outcome(self, file: File, state: OutcomeState, **values: str) -> Outcome:
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return Outcome(file.user_id, file.upload_id, state, now, file=None if file.is_form else file.name, **values)


def _user_id(file: File) -> str:
    if "/" in file.name and not file.is_form:
        raise InvalidUserId(
            "Files in folders are not accepted. Copy the file to incoming/ itself, named after its user, such as"
            " 00u1example.jpg."
        )
    return urls.check_user_id(file.user_id)
