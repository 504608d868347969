"""One HTTP request to an identity provider: timeouts, kept connections, and what the status and headers mean."""

import json
import logging
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
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util import parse_url

from headshot import __version__
from headshot.identity.errors import TransientError

logger = logging.getLogger(__name__)

# Vendors respond in tenths of a second. The retry is for connections that they closed while Lambda was frozen; every
# call is safe to repeat, since it writes the whole value.
_POOL = urllib3.PoolManager(
    maxsize=8,
    timeout=urllib3.Timeout(connect=3, read=8),
    retries=urllib3.Retry(
        total=1, redirect=False, status=False, allowed_methods=None, respect_retry_after_header=False
    ),
)

_TRANSIENT = {408, 409, 423, 425, 429}

# Where vendors name a request in their answer: Okta; Microsoft Graph; Microsoft's token endpoint; PingOne; the others.
# Their support and their own logs find it by that.
_REQUEST_IDS = ("X-Okta-Request-Id", "request-id", "x-ms-request-id", "Correlation-Id", "X-Request-Id")

_HEADERS = {"User-Agent": f"Headshot/{__version__}"}

# Bytes of a body that are read. A user's profile has a few kilobytes.
_MAX_BODY = 1_000_000


@dataclass(frozen=True, slots=True)
class Response:
    """A vendor's response. `json` is the body's JSON: an empty object for an empty body, None for any other content."""

    status: int
    headers: Mapping[str, str]
    json: Any

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return self.status in range(200, 300)

    @property
    def redirect(self) -> bool:
        """Whether the status is 3xx."""
        return self.status in range(300, 400)

    @property
    def transient(self) -> bool:
        """Whether the same request may succeed later.

        This holds for every 5xx, including those of proxies; for 408, 425 and 429 by their definitions (RFC 9110,
        RFC 8470, RFC 6585); for 423 (RFC 4918); and for 409, which is Okta's E0000112 and elsewhere means a concurrent
        change.
        """
        return self.rate_limited or self.status in _TRANSIENT or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR

    @property
    def rate_limited(self) -> bool:
        """Whether there were too many requests. OneLogin does not document the status of that, only the headers."""
        return self.status == HTTPStatus.TOO_MANY_REQUESTS or (
            self.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN)
            and self.headers.get("X-RateLimit-Remaining") == "0"
        )

    @property
    def summary(self) -> str:
        """The status. A redirect also has the host that it leads to, but no other part of the address."""
        host = None
        if self.redirect:
            with suppress(LocationParseError):
                host = parse_url(self.headers.get("Location", "")).host
        return f"{self.status}, a redirect to {host}" if host else str(self.status)

    @property
    def retry_after(self) -> float | None:
        """The seconds that the vendor asks to wait, None if it does not say.

        Vendors announce them as `Retry-After` (RFC 9110 §10.2.3; Microsoft Graph, PingOne), as the epoch second at
        which the limit is reset (Okta, "Rate limits"), or as the seconds until then (OneLogin, "Rate Limits").
        """
        retry_after = self.headers.get("Retry-After")
        reset_at = self.headers.get("X-Rate-Limit-Reset")
        seconds_left = self.headers.get("X-RateLimit-Reset")
        with suppress(InvalidHeader, ValueError):
            if retry_after:
                return urllib3.Retry().parse_retry_after(retry_after)
            # The vendors send these two with every response; they matter only if the limit is exceeded.
            if self.rate_limited and reset_at:
                return max(1, float(reset_at) - time.time())
            if self.rate_limited and seconds_left:
                return max(1, float(seconds_left))
        return None


def send(vendor: str, method: str, url: str, *, headers: Mapping[str, str] | None = None, **options: Any) -> Response:
    """Send a request and return the response; `options` are those of `urllib3.PoolManager.request`.

    Raises
    ------
    TransientError
        If no complete response arrives within seconds.
    """
    try:
        with _POOL.request(
            method, url, redirect=False, preload_content=False, headers={**_HEADERS, **(headers or {})}, **options
        ) as response:
            body = response.read(_MAX_BODY + 1)
    except HTTPError as error:
        raise TransientError(f"{vendor} does not respond: {_reason(error)}.") from error
    _log(vendor, method, response)
    parsed = None
    with suppress(ValueError, RecursionError):
        parsed = json.loads(body[:_MAX_BODY]) if body else {}
    return Response(response.status, response.headers, parsed)


def _log(vendor: str, method: str, response: urllib3.BaseHTTPResponse) -> None:
    """Log the status and the vendor's id of a request, but not its URL, which may hold an e-mail address."""
    named = (response.headers[name] for name in _REQUEST_IDS if name in response.headers)
    details = {"vendor": vendor, "method": method, "status": response.status, "vendor_request_id": next(named, None)}
    logger.info("identity provider answered", extra=details)


def _reason(error: HTTPError) -> str:
    """Return in words why there was no response. urllib3's messages contain tuples and addresses of objects."""
    cause = error.reason if isinstance(error, MaxRetryError) else error
    if isinstance(cause, NameResolutionError):
        return "the host name does not resolve"
    if isinstance(cause, NewConnectionError):
        return str(cause).rpartition(": ")[2].partition("] ")[2] or "cannot connect"
    if isinstance(cause, ConnectTimeoutError):
        return "connecting timed out"
    if isinstance(cause, ReadTimeoutError):
        return "the request timed out"
    if isinstance(cause, SSLError):
        return f"its TLS certificate is not trusted, or TLS failed ({cause})"
    return "the connection was interrupted"
