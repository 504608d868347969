"""From the drop box to the photo store: each message is about one file."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    ExceptionInfo,
    FailureResponse,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from headshot import metrics
from headshot.ingest import Ingester, retry_delay
from headshot.problems import StoreUnavailable
from headshot.stores.ingest_queue import IngestQueue, event_id_of, file_name_of

logger = Logger(service="ingest")
copy_config_to_registered_loggers(logger, include={"headshot"})  # the domain's logs look the same
ingester = Ingester.from_environment()
queue = IngestQueue.from_environment()


class Processor(BatchProcessor):
    """Delays the retry of a message that fails."""

    def failure_handler(self, record: SQSRecord, exception: ExceptionInfo) -> FailureResponse:
        """Log the failure and delay the retry. If SQS fails, the queue's own visibility timeout is the delay."""
        seconds = retry_delay(int(record.attributes.approximate_receive_count))
        logger.error("file not ingested yet", exc_info=exception[1], retry_seconds=round(seconds))
        try:
            queue.delay(record.receipt_handle, seconds)
        except StoreUnavailable as unavailable:
            logger.warning("retry not delayed", error=repr(unavailable.__cause__))
        return super().failure_handler(record, exception)


processor = Processor(EventType.SQS, raise_on_entire_batch_failure=False)


def ingest(record: SQSRecord) -> None:
    """Ingest the file that a message is about. Every line about it has its name and its event's correlation id."""
    correlation_id = event_id_of(record.body) or record.message_id
    logger.set_correlation_id(correlation_id)
    logger.append_keys(file=None)  # the keys stay until the next message, whose name may be unreadable
    name = file_name_of(record.body)
    logger.append_keys(file=name)
    upload = ingester.ingest(name, correlation_id)
    if upload is None:
        logger.info("nothing to ingest")
        return
    logger.set_correlation_id(upload.correlation_id)
    if upload.code:
        metrics.count("PhotoRefused", Code=upload.code)
    logger.info("file ingested", user_id=upload.user_id, status=upload.status, code=upload.code)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Ingest a batch of files, and return the messages that stay in the queue."""
    return process_partial_response(event, ingest, processor, context)
