"""Times as Headshot stores and shows them: UTC, in milliseconds, as RFC 3339 writes them."""

from datetime import UTC, datetime


def now() -> str:
    """Return the current time, such as "2026-01-02T03:04:05.678Z"."""
    return rfc3339(datetime.now(UTC))


def seconds_since(time: str) -> float:
    """Return the seconds since a time that `now` has returned, at least 0: clocks differ."""
    return max(0.0, (datetime.now(UTC) - datetime.fromisoformat(time)).total_seconds())


def rfc3339(time: datetime) -> str:
    """Return a time in UTC as text. Such texts sort by time."""
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
