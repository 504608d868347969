"""From the drop box to the store of photos: one file a message, as S3 tells of it through EventBridge."""

import json
import os
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from headshot.incoming import Incoming
from headshot.ingest import Ingest
from headshot.outcomes import OutcomeStore
from headshot.photos import PhotoStore
from headshot.records import RecordStore

logger = Logger(service="ingest")
ingest = Ingest(
    Incoming.from_environment(),
    PhotoStore.from_environment(),
    RecordStore.from_environment(),
    OutcomeStore.from_environment(),
    os.environ["BASE_URL"],
)
processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def take(record: SQSRecord) -> None:
    """Take the file that a message tells of. Whatever is raised keeps the message in the queue."""
    name = json.loads(record.body)["detail"]["object"]["key"].removeprefix("incoming/")
    try:
        outcome = ingest.take(name)
    except Exception:  # whatever it is, BatchProcessor would keep it to itself
        logger.exception("file not taken yet", file=name)
        raise
    if outcome:
        logger.info("file taken", file=name, user_id=outcome.user_id, state=outcome.state, code=outcome.code)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Take a batch of files, and tell Lambda which messages are to stay."""
    return process_partial_response(event, take, processor, context)
