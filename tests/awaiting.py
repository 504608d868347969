"""Waits for conditions instead of sleeping."""

import time
from collections.abc import Callable
from typing import Any


def eventually(condition: Callable[[], Any], seconds: float = 30) -> Any:
    """Return what `condition` returns as soon as it is true. Fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"the condition was not met within {seconds} seconds"
        time.sleep(0.05)  # polls: there is nothing to be notified by
    return found
