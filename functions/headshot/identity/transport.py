"""One HTTP exchange with an identity provider: time-outs, connections that are kept, and what an answer means."""

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    InvalidHeader,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util import parse_url

from headshot import __version__
from headshot.identity.errors import TransientError

# Vendors answer in tenths of a second; the second try meets connections that they closed while Lambda slept. Every call
# is safe to repeat: it statuses the URL that is to be held, whatever was held before.
_POOL = urllib3.PoolManager(
    maxsize=8,
    timeout=urllib3.Timeout(connect=3, read=8),
    retries=urllib3.Retry(
        total=1, redirect=False, status=False, allowed_methods=None, respect_retry_after_header=False
    ),
)

_TRANSIENT = {408, 409, 423, 425, 429}

_HEADERS = {"User-Agent": f"Headshot/{__version__}"}

# A user's profile has some kilobytes.
_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What a vendor answered. `value` is the body's JSON, an empty object for an empty body, None for anything else."""

    status: int
    headers: Mapping[str, str]
    value: Any

    @property
    def transient(self) -> bool:
        """Whether the same request may succeed later.

        Every 5xx, those of proxies included; 408, 425 and 429 by their definitions (RFC 9110, RFC 8470, RFC 6585), 423
        (RFC 4918); 409 is Okta's E0000112 and others' "changed at the same moment".
        """
        return self.limited or self.status in _TRANSIENT or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR

    @property
    def summary(self) -> str:
        """The status; for a redirect, with the host that it leads to, and nothing else of the address."""
        host = None
        if self.status in range(300, 400):
            with suppress(LocationParseError):
                host = parse_url(self.headers.get("Location", "")).host
        return f"{self.status}, a redirect to {host}" if host else str(self.status)

    @property
    def limited(self) -> bool:
        """Whether the vendor rejects because of too many requests. OneLogin does not document the status of that."""
        return self.status == HTTPStatus.TOO_MANY_REQUESTS or (
            self.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN)
            and self.headers.get("X-RateLimit-Remaining") == "0"
        )

    def wait(self) -> float | None:
        """Give the seconds that the vendor asks to wait, None if it does not say.

        Announced as `Retry-After` (RFC 9110 §10.2.3; Microsoft Graph, PingOne), as the epoch second of the limit's
        reset (Okta, "Rate limits") or as the seconds left until then (OneLogin, "Rate Limits").
        """
        announced = {name: self.headers.get(name, "") for name in ("X-Rate-Limit-Reset", "X-RateLimit-Reset")}
        with suppress(InvalidHeader, ValueError):
            if retry_after := self.headers.get("Retry-After"):
                return urllib3.Retry().parse_retry_after(retry_after)
            if self.limited:  # the reset is announced with every answer
                epoch, left = announced.values()
                return max(1, float(epoch) - time.time() if epoch else float(left))
        return None


def _reason(error: Exception) -> str:
    """Say in words why there was no answer; urllib3's own are made of tuples and addresses of objects."""
    cause = getattr(error, "reason", None) or error
    if isinstance(cause, NameResolutionError):
        return "its host name does not resolve"
    if isinstance(cause, NewConnectionError):
        return str(cause).rpartition(": ")[2].partition("] ")[2] or "no connection"
    if isinstance(cause, ConnectTimeoutError):
        return "the connection timed out"
    if isinstance(cause, ReadTimeoutError):
        return "it took too long"
    if isinstance(cause, SSLError):
        return f"its certificate or TLS is not accepted ({cause})"
    return "the connection broke off"


def exchange(vendor: str, method: str, url: str, *, headers: Mapping[str, str] | None = None, **options: Any) -> Answer:
    """Send a request and read the answer; `options` are those of `urllib3.PoolManager.request`.

    Raises
    ------
    TransientError
        If there is no whole answer within seconds.
    """
    try:
        with _POOL.request(
            method, url, redirect=False, preload_content=False, headers={**_HEADERS, **(headers or {})}, **options
        ) as response:
            body = response.read(_LIMIT + 1)
    except HTTPError as error:
        raise TransientError(f"{vendor} does not answer: {_reason(error)}.") from error
    value = None
    with suppress(ValueError, RecursionError):
        value = json.loads(body[:_LIMIT]) if body else {}
    return Answer(response.status, response.headers, value)
