"""Has the stack compare all records with the identity provider."""

import json
from collections.abc import Iterator
from typing import Any

from headshot_cli.stack import Stack, StackError

# Seconds after which the function tells how far it has come.
_TURN = 20


def reconcile(stack: Stack, start_after: str | None) -> Iterator[dict[str, Any]]:
    """Go through all records after the user id `start_after`, and return the function's answer from time to time.

    An answer has the `summary` so far, the `start_after` with which to go on, None at the end, and the `failures` since
    the answer before, each with `user_id` and `error`. The last may have the `error` that stopped it all.

    Raises
    ------
    StackError
        If the function fails.
    """
    client, function = stack.client("lambda"), stack.output("ReconcileFunction")
    event: dict[str, Any] = {"seconds": _TURN, "start_after": start_after}
    while True:
        called = client.invoke(FunctionName=function, Payload=json.dumps(event))
        answer = json.load(called["Payload"])
        if "FunctionError" in called:
            raise StackError(f"reconcile failed: {answer.get('errorMessage')}. Run it again; its log says more.")
        yield answer
        if answer["error"] or answer["start_after"] is None:
            return
        event |= {name: answer[name] for name in ("summary", "start_after")}
