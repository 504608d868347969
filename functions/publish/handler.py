"""From the queue to the identity provider: each message by itself, retried or failed by itself."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from headshot.identity.errors import IdentityError, PermanentError, UnexpectedError
from headshot.problems import StoreUnavailable
from headshot.publish import Publisher, retry_delay
from headshot.queues import DeadLetterQueue, PublishQueue, parse_message

logger = Logger(service="publish")
publisher = Publisher.from_environment()
queue = PublishQueue.from_environment()
dead_letters = DeadLetterQueue.from_environment()
processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def deliver(record: SQSRecord) -> None:
    """Publish the photo of the user whom a message names. Whatever is raised keeps the message in the queue."""
    tries = int(record.attributes.approximate_receive_count)
    age = datetime.now(UTC) - datetime.fromtimestamp(int(record.attributes.sent_timestamp) / 1000, UTC)
    try:
        user_id = parse_message(record.body)
    except ValueError as error:
        _fail(record.body, error)
        return
    try:
        publisher.publish(user_id, tries, age)
    except PermanentError as error:
        _fail(user_id, error)
    except (IdentityError, StoreUnavailable) as error:
        seconds = retry_delay(error, tries)
        details = {"user_id": user_id, "error": str(error), "where": _where(error), "retry_seconds": round(seconds)}
        logger.warning("identity provider not updated yet", extra=details)
        queue.delay(record.receipt_handle, seconds)
        raise
    else:
        logger.info("identity provider updated", user_id=user_id)


def _fail(user_id: str, error: Exception) -> None:
    """Keep the reason in the dead-letter queue. If SQS fails, the message stays and all is tried again."""
    logger.error("identity provider not updated", user_id=user_id, error=str(error), where=_where(error))
    try:
        dead_letters.add(user_id, str(error))
    except StoreUnavailable as unavailable:
        logger.warning("dead letter not kept yet", user_id=user_id, error=repr(unavailable.__cause__))
        raise


def _where(error: Exception) -> list[str] | None:
    """Return the lines of code that led to an unexpected error."""
    cause = error if isinstance(error, UnexpectedError) else error.__cause__
    return cause.where if isinstance(cause, UnexpectedError) else None


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Deliver a batch of messages of SQS, and tell Lambda which are to stay."""
    return process_partial_response(event, deliver, processor, context)
