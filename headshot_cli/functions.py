"""Calls the stack's functions."""

import json
from collections.abc import Mapping
from typing import Any

from headshot.problems import StoreMissing
from headshot_cli.stack import Stack, StackError


def call(stack: Stack, output: str, event: Mapping[str, Any]) -> Any:
    """Run the function whose name is this output of the stack, and return its response.

    Raises
    ------
    StackError
        If the function fails.
    """
    called = stack.client("lambda").invoke(FunctionName=stack.output(output), Payload=json.dumps(event))
    answer = json.load(called["Payload"])
    if "FunctionError" not in called:
        return answer
    reason, name = str(answer.get("errorMessage")), output.removesuffix("Function")
    if StoreMissing.ADVICE in reason:
        raise StackError(reason)
    reason = reason.rstrip(".")
    raise StackError(f"{name} failed: {reason}. Run it again; see the log group {name}Logs for details.")
