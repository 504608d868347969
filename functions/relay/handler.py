"""Moves changes from the records' stream into the publish queue.

A stream is read in order, so one photo that has to wait would hold up all others. The queue delivers each on its own.
"""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent, event_source
from aws_lambda_powertools.utilities.typing import LambdaContext

from headshot.stores.publish_queue import PublishQueue

logger = Logger(service="relay")
queue = PublishQueue.from_environment()


@logger.inject_lambda_context(clear_state=True)
@event_source(data_class=DynamoDBStreamEvent)
def handler(event: DynamoDBStreamEvent, _context: LambdaContext) -> None:
    """Queue the users whose photo was set or erased. If that fails, Lambda sends the same batch again."""
    changes = [record.dynamodb for record in event.records]
    latest = {change.keys["user_id"]: change.new_image.get("correlation_id") for change in changes if change}
    for user_id, correlation_id in latest.items():
        logger.set_correlation_id(correlation_id)
        queue.add(user_id, correlation_id)
        logger.info("photo changed", user_id=user_id)
