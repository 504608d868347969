"""Makes the stack compare all records with the identity provider."""

from collections.abc import Iterator
from typing import Any

from headshot_cli.functions import call
from headshot_cli.stack import Stack

# Seconds after which the function reports its progress.
_TURN = 20


def reconcile(stack: Stack, start_after: str | None) -> Iterator[dict[str, Any]]:
    """Compare all records after the user id `start_after`, and yield a progress report every _TURN seconds.

    A report has the `summary` so far, the `start_after` to resume with, which is None at the end, and the `failures`
    since the previous report, each with `user_id` and `error`. The last one may have the `error` that stopped it.

    Raises
    ------
    StackError
        If the function fails.
    """
    event: dict[str, Any] = {"seconds": _TURN, "start_after": start_after}
    while True:
        report = call(stack, "ReconcileFunction", event)
        yield report
        if report["error"] or report["start_after"] is None:
            return
        event |= {name: report[name] for name in ("summary", "start_after")}
