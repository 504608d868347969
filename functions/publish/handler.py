"""From the queue to the identity provider: each message by itself, again when that may help, given up when not."""

import json
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from headshot.identity.errors import PermanentError, TransientError
from headshot.problems import StoreUnavailable
from headshot.publish import GIVE_UP_AFTER, Publisher, retry_delay
from headshot.queues import DeadLetterQueue, PublishQueue

logger = Logger(service="publish")
publisher = Publisher.from_environment()
queue = PublishQueue.from_environment()
dead_letters = DeadLetterQueue.from_environment()
processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def deliver(record: SQSRecord) -> None:
    """Publish the photo of the user whom a message names. Whatever is raised keeps the message in the queue."""
    user_id = json.loads(record.body)["user_id"]
    age = datetime.now(UTC) - datetime.fromtimestamp(int(record.attributes.sent_timestamp) / 1000, UTC)
    try:
        publisher.publish(user_id, last_try=age > GIVE_UP_AFTER)
        logger.info("identity provider updated", user_id=user_id)
    except PermanentError as error:
        logger.error("identity provider not updated", user_id=user_id, error=str(error))  # noqa: TRY400  nobody needs the trace
        dead_letters.add(user_id, str(error))
    except (TransientError, StoreUnavailable) as error:
        seconds = retry_delay(int(record.attributes.approximate_receive_count), getattr(error, "seconds", None))
        logger.warning(
            "identity provider not updated yet", user_id=user_id, error=str(error), retry_seconds=round(seconds)
        )
        queue.delay(record.receipt_handle, seconds)
        raise
    except Exception:  # a bug, which BatchProcessor would keep to itself
        logger.exception("publish failed", user_id=user_id)
        raise


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Deliver a batch of messages of SQS, and tell Lambda which are to stay."""
    return process_partial_response(event, deliver, processor, context)
