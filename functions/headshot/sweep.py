"""Catches up on what was missed: files without a message, dead letters without a cause, photos without a record.

It also finds consumers that were disabled, which no metric of AWS shows.

Every task is safe to run at any time, any number of times.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Self

from headshot import metrics
from headshot.file import WaitingFile, split
from headshot.problems import UnreadableFile
from headshot.record import Record
from headshot.stores.consumers import Consumers, StoppedConsumer
from headshot.stores.dead_letter_queue import MOST, DeadLetterQueue
from headshot.stores.dropbox import DropBox
from headshot.stores.ingest_queue import IngestQueue, file_name_of
from headshot.stores.photos import PhotoStore, PhotoVersion
from headshot.stores.publish_queue import user_id_of
from headshot.stores.records import RecordStore
from headshot.stores.uploads import UploadStore

# Files that a run queues at most. Queueing them takes two minutes, ingesting them a few (docs/load.md).
MOST_QUEUED = 10_000

# Records read in parallel, so that comparing a million photos fits into Lambda's 15 minutes.
_THREADS = 8


class RecordsLost(Exception):  # noqa: N818  named like the problems
    """Photos have no records, so many that the table must have been lost."""

    def __init__(self) -> None:
        super().__init__("Most photos have no record, so none is superseded. Run: headshot rebuild (docs/life.md)")


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Catches up. Every method raises StoreUnavailable if AWS fails.

    `failed_files` and `failed_photos` are the dead-letter queues of ingest and publish; `failed_photos` is None in a
    stack without an identity provider.
    """

    drop_box: DropBox
    uploads: UploadStore
    queue: IngestQueue
    failed_files: DeadLetterQueue
    photos: PhotoStore
    records: RecordStore
    failed_photos: DeadLetterQueue | None

    @classmethod
    def from_environment(cls) -> Self:
        """Sweep the stores that the template names."""
        publishes = bool(os.environ["PUBLISH_DEAD_LETTER_QUEUE"])
        return cls(
            DropBox.from_environment(),
            UploadStore.from_environment(),
            IngestQueue.from_environment(),
            DeadLetterQueue.from_environment("INGEST_DEAD_LETTER_QUEUE"),
            PhotoStore.from_environment(),
            RecordStore.from_environment(),
            DeadLetterQueue.from_environment("PUBLISH_DEAD_LETTER_QUEUE") if publishes else None,
        )

    def delete_dead_letters(self) -> tuple[int, set[str]]:
        """Delete dead letters about files that no longer exist and erased users, and duplicates about one file.

        Return how many were deleted, and the names of the files that still have one.
        """
        failed: set[str] = set()

        def file_is_settled(body: str) -> bool:
            name = file_name_of(body)
            if name in failed or self.drop_box.find(name) is None:
                return True
            failed.add(name)
            return False

        def user_is_erased(body: str) -> bool:
            # A tombstone exists until the identity provider has confirmed the erasure.
            return not self.records.exists(user_id_of(body))

        deleted = _delete(self.failed_files, file_is_settled)
        if self.failed_photos:
            deleted += _delete(self.failed_photos, user_is_erased)
        return deleted, failed

    def queue_files(self, failed: set[str], older_than: timedelta, *, rejected: bool) -> int:
        """Queue the files that have been in the drop box for longer than `older_than`, and return how many.

        Nothing is queued while the queue holds messages, since those may be about the same files. Files in `failed`
        wait for an administrator. Files that were rejected but could not be moved are queued only if `rejected`.
        """
        if len(failed) >= MOST or not self.queue.is_empty():
            return 0
        queued = 0
        for file in self.drop_box.waiting(datetime.now(UTC) - older_than):
            if queued == MOST_QUEUED:
                break
            if file.name not in failed and (rejected or not self._was_rejected(file)):
                self.queue.add(file.name)
                queued += 1
        return queued

    def supersede_photos(self, older_than: timedelta) -> int:
        """Supersede the S3 versions older than `older_than` that no record points to, and return how many.

        Interrupted uploads and failed clean-ups leave them behind. `older_than` must exceed the longest duration of an
        upload, or the upload's photo could disappear before its record is stored.

        Raises
        ------
        RecordsLost
            If most users on a page of the listing have no record. Interrupted uploads are rare; so the table was lost.
        """
        superseded = 0
        with ThreadPoolExecutor(_THREADS) as threads:
            for page in self.photos.stored_before(datetime.now(UTC) - older_than):
                users = {user_id: list(found) for user_id, found in groupby(page, lambda version: version.user_id)}
                records = list(threads.map(self.records.find, users))
                missing = records.count(None)
                if missing > 1 and missing * 2 > len(users):
                    raise RecordsLost
                superseded += sum(threads.map(self._supersede, users.values(), records))
        return superseded

    def _supersede(self, versions: list[PhotoVersion], record: Record | None) -> int:
        """Supersede a user's versions that the record does not point to."""
        orphans = [item for item in versions if record is None or record.s3_version_id != item.s3_version_id]
        for item in orphans:
            self.photos.supersede(item.user_id, item.version, item.s3_version_id)
        return len(orphans)

    def _was_rejected(self, file: WaitingFile) -> bool:
        """Return whether this file, and not an earlier one of its name, was rejected as unreadable."""
        upload = self.uploads.find(*split(file.name))
        if upload is None or upload.code != UnreadableFile.code:
            return False
        return datetime.fromisoformat(upload.at) > file.since


def stopped_consumers(consumers: Consumers) -> list[StoppedConsumer]:
    """Return the consumers that receive nothing, and count each as the metric `ConsumerStopped`."""
    stopped = consumers.stopped()
    for _ in stopped:
        metrics.count("ConsumerStopped")
    return stopped


def _delete(queue: DeadLetterQueue, is_settled: Callable[[str], bool]) -> int:
    """Delete the messages that are settled, and return how many. Keep messages that cannot be read."""
    dead_letters = queue.receive()
    kept = []
    for dead_letter in dead_letters:
        try:
            settled = is_settled(dead_letter.body)
        except ValueError:
            settled = False
        if settled:
            queue.delete(dead_letter)
        else:
            kept.append(dead_letter)
    queue.release(kept)
    return len(dead_letters) - len(kept)
