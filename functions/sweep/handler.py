"""Catches up on what was missed, by the schedules in template.yaml and by `headshot retry`.

The event names a task and the age in seconds from which files or photos count: `{"task": "files", "older_than": 600}`
for the drop box and the dead letters, `{"task": "photos", "older_than": 1200}` for photos. With `"rejected": true`, it
also queues files that were rejected and could not be moved.
"""

import os
from datetime import timedelta
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from headshot.stores.dead_letter_queue import DeadLetterQueue
from headshot.stores.dropbox import DropBox
from headshot.stores.ingest_queue import IngestQueue
from headshot.stores.photos import PhotoStore
from headshot.stores.records import RecordStore
from headshot.stores.uploads import UploadStore
from headshot.sweep import Sweep

logger = Logger(service="sweep")
sweep = Sweep(
    DropBox.from_environment(),
    UploadStore.from_environment(),
    IngestQueue.from_environment(),
    DeadLetterQueue.from_environment("INGEST_DEAD_LETTER_QUEUE"),
    PhotoStore.from_environment(),
    RecordStore.from_environment(),
    DeadLetterQueue.from_environment("PUBLISH_DEAD_LETTER_QUEUE") if os.environ["PUBLISH_DEAD_LETTER_QUEUE"] else None,
)


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, int]:
    """Run the task that the event names, and return what it did."""
    older_than = timedelta(seconds=event["older_than"])
    if event["task"] == "photos":
        done = {"superseded": sweep.supersede_photos(older_than)}
    else:
        deleted, failed = sweep.delete_letters()
        queued = sweep.queue_files(failed, older_than, rejected=event.get("rejected", False))
        done = {"queued": queued, "letters_deleted": deleted}
    logger.info("swept", extra={"task": event["task"], **done})
    return done
