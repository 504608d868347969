"""Catches up on what was missed, on the schedules in template.yaml and for `headshot retry`.

The event names a task and a minimum age in seconds: `{"task": "files", "older_than": 600}` for dead letters and the
drop box, `{"task": "photos", "older_than": 1200}` for photos. With `"rejected": true`, files that were rejected but
could not be moved are queued, too.

`headshot rebuild` runs the task `{"task": "rebuild", "seconds": 20}`, which stops after that time and returns the
`summary` and `start_after` to continue with.
"""

import time
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from headshot.rebuild import Rebuilder, Summary
from headshot.stores.consumers import Consumers
from headshot.sweep import Sweeper, stopped_consumers

logger = Logger(service="sweep")
sweeper = Sweeper.from_environment()
rebuilder = Rebuilder.from_environment()
consumers = Consumers.from_environment()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Run the task that the event names, and return the counts."""
    logger.set_correlation_id(context.aws_request_id)
    if event["task"] == "rebuild":
        done = _rebuild(event)
        logger.info("rebuilt", extra=done)
        return done
    older_than = timedelta(seconds=event["older_than"])
    if event["task"] == "photos":
        done = {"superseded": sweeper.supersede_photos(older_than)}
    else:
        deleted, failed = sweeper.delete_dead_letters()
        queued = sweeper.queue_files(failed, older_than, rejected=event.get("rejected", False))
        done = {"queued": queued, "dead_letters_deleted": deleted}
        for consumer in stopped_consumers(consumers):
            logger.error("consumer stopped", consumer=consumer.function, reason=consumer.reason)
    logger.info("swept", extra={"task": event["task"], **done})
    return done


def _rebuild(event: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + event["seconds"]
    summary, start_after = rebuilder.rebuild(
        Summary(**event.get("summary", {})), event.get("start_after"), lambda: time.monotonic() < deadline
    )
    return {"summary": asdict(summary), "start_after": start_after}
