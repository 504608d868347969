"""Checks requests to MiniStack's API Gateway as strictly as AWS does.

MiniStack 1.5 accepts any `Authorization` header on a route that needs IAM, never checks signatures of the account's
root, and decodes paths once. This module verifies every signature and decodes paths as HTTP APIs do, so that AWS
accepts every request that works here. It also closes an API's own address, if that is disabled.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Self
from urllib.parse import unquote

from botocore.auth import SIGV4_TIMESTAMP, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials
from ministack import app as ministack
from ministack.core.iam_evaluator import CredentialResolutionError, resolve_credential
from ministack.services import apigateway

from local.emulator import REGION

Response = tuple[int, dict[str, str], bytes]
Handler = Callable[..., Awaitable[Response | None]]

# API Gateway accepts a signature for five minutes either way ("Signature Version 4", AWS General Reference).
_CLOCK_SKEW = timedelta(minutes=5)

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/, ]+)/(\d{8})/([^/, ]+)/([^/, ]+)/aws4_request,\s*"
    r"SignedHeaders=([a-z0-9;-]+),\s*Signature=([0-9a-f]{64})"
)


def decode(raw_path: str) -> str | None:
    """Return the path that an HTTP API passes to a function, or None if it answers 400 instead.

    An HTTP API decodes a path twice, and cuts it at a question mark that the first decoding reveals. Captures from live
    APIs show this (hotsock/voker on GitHub, vokerhttp/testdata/ingress-paths.json).
    """
    path = unquote(raw_path).partition("?")[0]
    return None if re.search("%(?![0-9A-Fa-f]{2})", path) else unquote(path)


@dataclass(frozen=True, slots=True)
class Signature:
    """The parts of an `Authorization` header of AWS Signature Version 4."""

    access_key: str
    date: str
    region: str
    service: str
    signed_headers: frozenset[str]
    value: str

    @classmethod
    def parse(cls, header: str) -> Self | None:
        """Return the parts of the header, or None if it is not such a header."""
        found = _AUTHORIZATION.fullmatch(header.strip())
        if found is None:
            return None
        access_key, date, region, service, signed_headers, value = found.groups()
        return cls(access_key, date, region, service, frozenset(signed_headers.split(";")), value)


class Verifier(SigV4Auth):
    """Computes the signature that a request should have, over exactly the headers that the client signed."""

    def headers_to_sign(self, request: AWSRequest) -> HTTPHeaders:
        """Return all headers of the request. botocore itself omits some."""
        headers = HTTPHeaders()
        for name, value in request.headers.items():
            headers[name.lower()] = value
        return headers

    def expected(self, request: AWSRequest) -> str:
        """Return the signature in hexadecimal."""
        signature: str = self.signature(self.string_to_sign(request, self.canonical_request(request)), request)
        return signature


def is_signed(method: str, raw_path: str, query: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Return whether the request carries a valid, current signature of credentials that the emulator knows.

    `raw_path` and `query` are as on the wire. Names in `headers` are lower-case.
    """
    signature = Signature.parse(headers.get("authorization", ""))
    if signature is None or (signature.region, signature.service) != (REGION, "execute-api"):
        return False
    if not {"host", "x-amz-date"} <= signature.signed_headers <= headers.keys():
        return False
    timestamp, digest = headers["x-amz-date"], hashlib.sha256(body).hexdigest()
    if not timestamp.startswith(signature.date) or not _is_now(timestamp):
        return False
    if headers.get("x-amz-content-sha256", digest) != digest:
        return False
    known = resolve_credential(signature.access_key, session_token=headers.get("x-amz-security-token", ""))
    if isinstance(known, CredentialResolutionError):
        return False
    request = AWSRequest(
        method,
        f"http://{headers['host']}{raw_path}{'?' if query else ''}{query}",
        {name: headers[name] for name in signature.signed_headers},
        body,
    )
    request.context["timestamp"] = timestamp
    verifier = Verifier(Credentials(known.access_key_id, known.secret_access_key), "execute-api", REGION)
    return hmac.compare_digest(verifier.expected(request), signature.value)


def _is_now(timestamp: str) -> bool:
    try:
        signed = datetime.strptime(timestamp, SIGV4_TIMESTAMP).replace(tzinfo=UTC)
    except ValueError:
        return False
    return abs(datetime.now(UTC) - signed) <= _CLOCK_SKEW


def install() -> None:
    """Make MiniStack check requests to APIs as AWS does."""
    ministack._handle_execute_api_request = _strict(ministack._handle_execute_api_request)
    apigateway.decode_http_api_path = lambda path: path  # decoded by `_strict`
    # MiniStack answers /health on every host itself. On an API, it is a route like any other.
    ministack._HEALTH_PATHS = tuple(path for path in ministack._HEALTH_PATHS if path != "/health")


def _strict(handler: Handler) -> Handler:
    """Return MiniStack's handler of requests to APIs, preceded by the checks that AWS makes."""

    async def handle(  # noqa: PLR0913, PLR0917  MiniStack's own parameters
        host: str,
        path: str,
        method: str,
        headers: dict[str, str],
        body: bytes,
        query_params: dict[str, Any],
        raw_path: str | None = None,
        raw_query_string: str | None = None,
    ) -> Response | None:
        found = ministack._parse_execute_api_url(host, path) or ministack._resolve_custom_domain_request(host, path)
        if found is None:
            return None
        if path.startswith(("/_aws/", "/restapis/")):
            return _error(HTTPStatus.NOT_FOUND)  # MiniStack's own addresses of an API; AWS has none
        if ministack._parse_execute_api_url(host, path) and _is_closed(found[0]):
            return _error(HTTPStatus.NOT_FOUND)
        on_the_wire, query = raw_path or path, raw_query_string or ""
        decoded = decode(on_the_wire)
        if decoded is None:
            return _error(HTTPStatus.BAD_REQUEST)
        needs = apigateway.route_authorization_type(found[0], "$default", method, decoded)
        if needs == "AWS_IAM" and not is_signed(method, on_the_wire, query, headers, body):
            return _error(HTTPStatus.FORBIDDEN)
        return await handler(host, decoded, method, headers, body, query_params, decoded, raw_query_string)

    return handle


def _is_closed(api_id: str) -> bool:
    """Return whether the API answers at its custom domain only. MiniStack keeps the setting and ignores it."""
    return bool(apigateway._apis.get(api_id, {}).get("disableExecuteApiEndpoint"))


def _error(status: HTTPStatus) -> Response:
    return status, {"Content-Type": "application/json"}, json.dumps({"message": status.phrase}).encode()
