"""From the records' stream into the queue of publish.

A stream is read in order: whatever one photo waits for, all behind it would wait for. From the queue each is taken by
itself.
"""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from headshot.stores.publish_queue import PublishQueue

logger = Logger(service="relay")
queue = PublishQueue.from_environment()


@logger.inject_lambda_context
def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    """Queue everybody whose photo came, changed or went. When that fails, Lambda sends the same records again."""
    user_ids = dict.fromkeys(record["dynamodb"]["Keys"]["user_id"]["S"] for record in event["Records"])
    for user_id in user_ids:
        queue.add(user_id)
        logger.info("photo changed", user_id=user_id)
