"""Makes the stack rebuild its records from the photos in the bucket."""

from collections.abc import Iterator
from typing import Any

from headshot_cli.functions import call
from headshot_cli.stack import Stack

# Seconds after which the function reports its progress.
_TURN = 20


def rebuild(stack: Stack) -> Iterator[dict[str, int]]:
    """Rebuild all records, and yield the summary so far every _TURN seconds (`headshot.rebuild.Summary`).

    Raises
    ------
    StackError
        If the function fails. Repeating the call is safe.
    """
    event: dict[str, Any] = {"task": "rebuild", "seconds": _TURN}
    while True:
        report = call(stack, "SweepFunction", event)
        yield report["summary"]
        if report["start_after"] is None:
            return
        event |= report
