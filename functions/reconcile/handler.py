"""Reconciles the identity provider with the records, on demand or by the schedule.

The event may hold `start_after` and `summary`, with which a former run ended; `seconds`, after which to stop and tell
where; and `continue`, by which the function starts itself again instead, until it is through.
"""

import time
from dataclasses import asdict
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from headshot.publish import Publisher
from headshot.reconcile import Summary, reconcile
from headshot.stores.continuation import Continuation
from headshot.stores.publish_queue import PublishQueue

logger = Logger(service="reconcile")
publisher = Publisher.from_environment()
queue = PublishQueue.from_environment()
continuation = Continuation.from_environment()

# Seconds within which a page ends, even if the identity provider hangs.
MARGIN = 240


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Go through as many records as there is time for; `start_after` in the answer is None when all are done.

    The answer names those that failed, and the `error` that stopped the run, if one did.
    """
    seconds = min(event.get("seconds", float("inf")), context.get_remaining_time_in_millis() / 1000 - MARGIN)
    ends = time.monotonic() + seconds
    run = reconcile(
        publisher,
        queue,
        Summary(**event.get("summary", {})),
        event.get("start_after"),
        lambda: time.monotonic() < ends,
    )
    for failure in run.failures:
        logger.error("identity provider not updated", user_id=failure.user_id, error=failure.error)
    progress = {"summary": asdict(run.summary), "start_after": run.start_after}
    if run.error:
        logger.error("reconciling stopped", extra=progress | {"error": run.error})
    else:
        logger.info("reconciled" if run.start_after is None else "reconciling", extra=progress)
        if run.start_after and event.get("continue"):
            continuation.start(context.invoked_function_arn, event | progress)
    return asdict(run)
