"""Catches up on what was missed, on the schedules in template.yaml and for `headshot retry`.

The event names a task and a minimum age in seconds: `{"task": "files", "older_than": 600}` for dead letters and the
drop box, `{"task": "photos", "older_than": 1200}` for photos. With `"rejected": true`, files that were rejected but
could not be moved are queued, too.
"""

from datetime import timedelta
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from headshot.stores.consumers import Consumers
from headshot.sweep import Sweeper, stopped_consumers

logger = Logger(service="sweep")
sweeper = Sweeper.from_environment()
consumers = Consumers.from_environment()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Run the task that the event names, and return the counts."""
    logger.set_correlation_id(context.aws_request_id)
    older_than = timedelta(seconds=event["older_than"])
    if event["task"] == "photos":
        done = {"superseded": sweeper.supersede_photos(older_than)}
    else:
        deleted, failed = sweeper.delete_dead_letters()
        queued = sweeper.queue_files(failed, older_than, rejected=event.get("rejected", False))
        done = {"queued": queued, "letters_deleted": deleted}
        for consumer in stopped_consumers(consumers):
            logger.error("consumer stopped", consumer=consumer.function, reason=consumer.reason)
    logger.info("swept", extra={"task": event["task"], **done})
    return done
