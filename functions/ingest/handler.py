"""From the drop box to the store of photos: one file a message, as S3 tells of it through EventBridge."""

import os
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from headshot.ingest import Ingest, retry_delay
from headshot.stores.dropbox import DropBox
from headshot.stores.ingest_queue import IngestQueue, file_name_of
from headshot.stores.photos import PhotoStore
from headshot.stores.records import RecordStore
from headshot.stores.uploads import UploadStore

logger = Logger(service="ingest")
copy_config_to_registered_loggers(logger, include={"headshot"})  # what the domain logs looks the same
ingest = Ingest(
    DropBox.from_environment(),
    PhotoStore.from_environment(),
    RecordStore.from_environment(),
    UploadStore.from_environment(),
    os.environ["BASE_URL"],
)
queue = IngestQueue.from_environment()
processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def take(record: SQSRecord) -> None:
    """Ingest the file that a message names. If anything is raised, the message stays in the queue and is retried."""
    try:
        name = file_name_of(record.body)
        outcome = ingest.take(name)
    except Exception:  # BatchProcessor would swallow it
        seconds = retry_delay(int(record.attributes.approximate_receive_count))
        logger.exception("file not taken yet", body=record.body, retry_seconds=round(seconds))
        queue.delay(record.receipt_handle, seconds)
        raise
    if outcome is None:
        logger.info("nothing to take", file=name)
    else:
        logger.info("file taken", file=name, user_id=outcome.user_id, status=outcome.status, code=outcome.code)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Take a batch of files, and tell Lambda which messages are to stay."""
    return process_partial_response(event, take, processor, context)
