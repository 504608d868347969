"""Retries of HTTP requests that say what they wait for, and can be stopped."""

import threading
import time
from types import TracebackType
from typing import Self

import urllib3
from urllib3.connectionpool import ConnectionPool
from urllib3.exceptions import HTTPError, MaxRetryError

from headshot.problems import StoreMissing

_stopped = threading.Event()
_failures: dict[str, tuple[float, str]] = {}


class Retry(urllib3.Retry):
    """urllib3's retries, which also remember why they wait, and end when `stop` is called."""

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: urllib3.BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: ConnectionPool | None = None,
        _stacktrace: TracebackType | None = None,
    ) -> Self:
        """Remember the failure, and return urllib3's next state.

        Raise MaxRetryError if the stack lacks its bucket or table, so that the response is returned at once.
        """
        if response and StoreMissing.code.encode() in response.data:
            raise MaxRetryError(_pool, url or "")  # type: ignore[arg-type]  # urllib3 passes None for no pool as well
        host = _pool.host if _pool else "the server"
        _failures[host] = (time.monotonic(), f"it answers {response.status}" if response else cause_of(error))
        return super().increment(method, url, response, error, _pool, _stacktrace)

    def sleep(self, response: urllib3.BaseHTTPResponse | None = None) -> None:
        """Wait as long as the server asks, or else a little longer each time. Raise HTTPError when stopped."""
        asked = self.get_retry_after(response) if response else None
        if _stopped.wait(asked or self.get_backoff_time()):
            raise HTTPError("interrupted while waiting to retry")


def stop() -> None:
    """Make every request that waits to be retried fail at once, until `resume` is called."""
    _stopped.set()


def resume() -> None:
    """Allow retries again."""
    _stopped.clear()


def waiting_for(since: float) -> str | None:
    """Return which server failed last and why, if that was after `since` (time.monotonic), else None."""
    failures = [(at, host, why) for host, (at, why) in _failures.copy().items() if at >= since]
    if not failures:
        return None
    _, host, why = max(failures)
    return f"{host}: {why}"


def cause_of(error: BaseException | None) -> str:
    """Return in a few words why a request failed, without urllib3's object names."""
    while isinstance(error, MaxRetryError):
        error = error.reason
    cause = error.__cause__ if error else None
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return str(error).rpartition(": ")[2]
