"""Catches up on what was missed: files without a message, dead letters without a cause, photos without a record.

Every task may run at any moment, beside everything else and as often as anyone likes.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

from headshot.file import WaitingFile, split
from headshot.problems import UnreadableFile
from headshot.stores.dead_letter_queue import MOST, DeadLetterQueue
from headshot.stores.dropbox import DropBox
from headshot.stores.ingest_queue import IngestQueue, file_name_of
from headshot.stores.photos import PhotoStore, PhotoVersion
from headshot.stores.publish_queue import user_id_of
from headshot.stores.records import RecordStore
from headshot.stores.uploads import UploadStore

# Files that one run queues at most: what ingest takes in a few minutes (docs/load.md), sent in two.
MOST_QUEUED = 10_000

# Records read at once: a million photos are then compared within Lambda's 15 minutes.
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Sweep:
    """Catches up. `failed_photos` is None where nothing is published. Methods raise StoreUnavailable if AWS fails."""

    incoming: DropBox
    uploads: UploadStore
    queue: IngestQueue
    failed_files: DeadLetterQueue
    photos: PhotoStore
    records: RecordStore
    failed_photos: DeadLetterQueue | None

    def delete_letters(self) -> tuple[int, set[str]]:
        """Delete dead letters about files that are gone and users who were erased, and all but one about a file.

        Return how many were deleted, and the names of the files that failed.
        """
        names: set[str] = set()

        def file_is_settled(body: str) -> bool:
            name = file_name_of(body)
            if name in names or self.incoming.find(name) is None:
                return True
            names.add(name)
            return False

        deleted = _delete(self.failed_files, file_is_settled)
        if self.failed_photos:
            # The item of an erased user stays until the identity provider has confirmed the erasure.
            deleted += _delete(self.failed_photos, lambda body: not self.records.exists(user_id_of(body)))
        return deleted, names

    def queue_files(self, failed: set[str], older_than: timedelta, *, rejected: bool) -> int:
        """Queue the files that have lain in the drop box for longer than `older_than`, and return how many.

        Nothing is queued while the queue holds messages: those files may be the ones that it holds. Files in `failed`
        wait for an administrator. Files that were rejected and could not be moved are queued only if `rejected`.
        """
        if len(failed) >= MOST or not self.queue.is_empty():
            return 0
        queued = 0
        for file in self.incoming.waiting(datetime.now(UTC) - older_than):
            if queued == MOST_QUEUED:
                break
            if file.name not in failed and (rejected or not self._was_rejected(file)):
                self.queue.add(file.name)
                queued += 1
        return queued

    def supersede_photos(self, older_than: timedelta) -> int:
        """Supersede the S3 versions older than `older_than` that no record points to, and return how many.

        They are left over from uploads and clean-ups that broke off. `older_than` has to exceed the time for which an
        upload may run, or its photo could be taken away before its record is written.
        """
        superseded = 0
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            for page in self.photos.stored_before(datetime.now(UTC) - older_than):
                users = [list(versions) for _, versions in groupby(page, lambda version: version.user_id)]
                superseded += sum(threads.map(self._supersede, users))
        return superseded

    def _supersede(self, versions: list[PhotoVersion]) -> int:
        """Supersede what the record does not point to. A record that cannot be read raises: that proves nothing."""
        record = self.records.find(versions[0].user_id)
        orphans = [item for item in versions if record is None or record.s3_version_id != item.s3_version_id]
        for item in orphans:
            self.photos.supersede(item.user_id, item.version, item.s3_version_id)
        return len(orphans)

    def _was_rejected(self, file: WaitingFile) -> bool:
        outcome = self.uploads.find(*split(file.name))
        return (
            outcome is not None
            and outcome.code == UnreadableFile.code
            and datetime.fromisoformat(outcome.at) > file.since
        )


def _delete(box: DeadLetterQueue, is_settled: Callable[[str], bool]) -> int:
    """Delete the letters that are settled, and return how many. Letters that nobody can read stay."""
    letters = box.receive()
    kept = []
    for letter in letters:
        try:
            settled = is_settled(letter.body)
        except ValueError:
            settled = False
        if settled:
            box.delete(letter)
        else:
            kept.append(letter)
    box.release(kept)
    return len(letters) - len(kept)
