"""What happens before a step of a store: nothing, or a failure."""

from collections.abc import Callable
from typing import Any


def nothing(_step: str) -> None:
    """Do nothing before a step."""


def fail_at(step: str, error: Exception) -> Callable[[str], Any]:
    """Return a function for `before` that makes the first call of one step raise `error`."""
    errors = [error]

    def before(found: str) -> None:
        if found == step and errors:
            raise errors.pop()

    return before
