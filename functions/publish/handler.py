"""Publishes the photos of the users in the queue. Each message is retried or fails on its own."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from headshot.identity.errors import IdentityError, UnexpectedError
from headshot.problems import StoreUnavailable
from headshot.publish import Publisher, is_final, retry_delay
from headshot.stores.dead_letter_queue import DeadLetterQueue
from headshot.stores.publish_queue import PublishQueue, correlation_id_of, user_id_of

logger = Logger(service="publish")
publisher = Publisher.from_environment()
copy_config_to_registered_loggers(logger, include={"headshot"})  # after the import of the identity provider's module
queue = PublishQueue.from_environment()
dead_letters = DeadLetterQueue.from_environment("PUBLISH_DEAD_LETTER_QUEUE")
# Without its `logger`, which would log the messages of unexpected exceptions: they may hold credentials.
processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def deliver(record: SQSRecord) -> None:
    """Publish the photo of the user in a message. If this raises, the message stays in the queue."""
    tries = int(record.attributes.approximate_receive_count)
    age = datetime.now(UTC) - datetime.fromtimestamp(int(record.attributes.sent_timestamp) / 1000, UTC)
    correlation_id = correlation_id_of(record.body) or record.message_id
    logger.set_correlation_id(correlation_id)
    logger.append_keys(user_id=None)  # the keys stay until the next message, which may be unreadable
    try:
        user_id = user_id_of(record.body)
    except ValueError as unreadable:
        _fail(record.body, unreadable, correlation_id)
        return
    logger.append_keys(user_id=user_id)
    error: IdentityError | StoreUnavailable
    try:
        publisher.publish(user_id, tries, age)
    except (IdentityError, StoreUnavailable) as caught:
        error = caught
    except Exception as caught:  # noqa: BLE001  a bug is logged, retried a few times, then fails
        error = UnexpectedError(caught)
    else:
        logger.info("identity provider updated")
        return
    # Outside the except blocks, so that no exception raised below is chained to a foreign one with its message.
    if isinstance(error, IdentityError) and is_final(error, tries, age):
        _fail(user_id, error, correlation_id)
    else:
        _delay(record, error, retry_delay(error, tries))
        raise error


def _delay(record: SQSRecord, error: Exception, seconds: float) -> None:
    """Make the message visible again after `seconds`; if SQS fails, the queue's visibility timeout applies."""
    details = {"error": str(error), "where": _where(error), "retry_seconds": round(seconds)}
    logger.warning("identity provider not updated yet", extra=details)
    try:
        queue.delay(record.receipt_handle, seconds)
    except StoreUnavailable as unavailable:
        logger.warning("retry not delayed", error=repr(unavailable.__cause__))


def _fail(user_id: str, error: Exception, correlation_id: str) -> None:
    """Move the user id and the reason to the dead-letter queue. If SQS fails, the message stays and is retried."""
    logger.error("identity provider not updated", error=str(error), where=_where(error))
    try:
        dead_letters.add(user_id, str(error), correlation_id)
    except StoreUnavailable as unavailable:
        logger.warning("dead letter not stored yet", error=repr(unavailable.__cause__))
        raise


def _where(error: Exception) -> list[str] | None:
    """Return the lines of code that led to an unexpected error, None for all other errors."""
    cause = error if isinstance(error, UnexpectedError) else error.__cause__
    return cause.where if isinstance(cause, UnexpectedError) else None


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Publish a batch of messages from SQS, and return to Lambda the ids of those that stay in the queue."""
    return process_partial_response(event, deliver, processor, context)
