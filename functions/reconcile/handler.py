"""Reconciles the identity provider with the records, on demand or on a schedule.

The event may have `start_after` and `summary`, from the response of an earlier run; `seconds`, after which the run
stops and returns where to continue; and `continue`, with which the function starts itself again until it is done. All
runs that continue one another log the same `correlation_id`.
"""

import time
from dataclasses import asdict
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers
from aws_lambda_powertools.utilities.typing import LambdaContext

from headshot.publish import Publisher
from headshot.reconcile import Summary, reconcile
from headshot.stores.continuation import Continuation
from headshot.stores.publish_queue import PublishQueue

logger = Logger(service="reconcile")
publisher = Publisher.from_environment()
copy_config_to_registered_loggers(logger, include={"headshot"})  # after the import of the identity provider's module
queue = PublishQueue.from_environment()
continuation = Continuation.from_environment()

# Seconds that a page may take, even if the identity provider does not respond.
MARGIN = 240


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Reconcile as many records as there is time for. In the response, `start_after` is None if all are done.

    The response also lists the failures, and the `error` that stopped the run, if any.
    """
    correlation_id = event.get("correlation_id", context.aws_request_id)
    logger.set_correlation_id(correlation_id)
    seconds = min(event.get("seconds", float("inf")), context.get_remaining_time_in_millis() / 1000 - MARGIN)
    deadline = time.monotonic() + seconds
    run = reconcile(
        publisher,
        queue,
        Summary(**event.get("summary", {})),
        event.get("start_after"),
        lambda: time.monotonic() < deadline,
    )
    for failure in run.failures:
        logger.error("identity provider not updated", user_id=failure.user_id, error=failure.error)
    progress = {"summary": asdict(run.summary), "start_after": run.start_after}
    if run.error:
        logger.error("reconciling stopped", extra=progress | {"error": run.error})
    elif run.start_after is None:
        logger.info("reconciled", extra=progress)
    else:
        logger.info("reconciling", extra=progress)
        if event.get("continue"):
            continuation.start(context.invoked_function_arn, event | progress | {"correlation_id": correlation_id})
    return asdict(run)
