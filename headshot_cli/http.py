"""HTTP: how the command sends a request, and what it gets back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from urllib3.util import parse_url


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response. `headers` ignores case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def value(self) -> Any:
        """The JSON in the body, or None if the body is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def media_type(self) -> str:
        """The Content-Type without its parameters, in lower case, or the empty string if there is none."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    def __str__(self) -> str:
        """Return the status with the problem's code, or with the start of any other body, fit for a terminal."""
        value = self.value
        if isinstance(value, dict) and "code" in value:
            return f"{self.status} ({value['code']!a})"
        text = self.body[:100].decode("utf-8", "replace").strip()
        return f"{self.status} ({text!a})" if text else str(self.status)


def connection(url: str) -> tuple[str, str]:
    """Return the URL to connect to and the Host header to send for `url`.

    Not every system resolves names under .localhost (RFC 6761 §6.3), so plain HTTP connects to localhost itself.
    """
    address = parse_url(url)
    host = address.netloc or ""
    if address.scheme == "http" and address.host and address.host.endswith(".localhost"):
        address = address._replace(host="localhost")
    return address.url, host
