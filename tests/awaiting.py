"""Waits for conditions instead of sleeping."""

import time
from collections.abc import Callable
from typing import Any


def eventually(condition: Callable[[], Any], seconds: float = 120) -> Any:
    """Return what `condition` returns as soon as it is true.

    Fail after `seconds`: only a failing test waits so long, so they are plenty for a busy machine.
    """
    deadline = time.monotonic() + seconds
    pause = 0.05
    while not (found := condition()):
        assert time.monotonic() < deadline, f"the condition was not met within {seconds} seconds"
        time.sleep(pause)  # polls: there is nothing to be notified by
        pause = min(1.1 * pause, 0.2)  # most conditions ask the emulator, which needs the processor for other things
    return found
