"""HTTP for every function: a request out of an API Gateway event, a response into one, problems included.

Events have payload format 2.0 ("Lambda integration payload format 2.0", API Gateway developer guide). The route is
selected by `routeKey`, since API Gateway has matched the path already. A router that matches `rawPath` again, as
Powertools' does, would see a path that HTTP APIs have decoded and some emulators have not. Powertools' classes of
events are not used either: importing them takes a tenth of serve's cold start.
"""

import base64
import json
import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger

from headshot import urls
from headshot.problems import Forbidden, NotFound, Problem


@dataclass(frozen=True, slots=True)
class Request:
    """What a route may know of a request.

    Names in `headers` are in lower case. `parameters` are the path's, as `headshot.urls` reads them; `query` is
    decoded. `origin` is the address at which the client has reached the API, such as "https://api.example.com".
    `principal` is the ARN of the caller that IAM has identified, or empty where IAM has checked no signature.
    `correlation_id` is API Gateway's id of the request, None if there is none.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    origin: str
    principal: str
    correlation_id: str | None = None

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "Request":
        """Return the request that an event of payload format 2.0 carries."""
        context, body = event["requestContext"], event.get("body") or ""
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        return cls(
            method=context["http"]["method"],
            path=event["rawPath"],
            headers=headers,
            parameters=event.get("pathParameters") or {},
            query=event.get("queryStringParameters") or {},
            body=base64.b64decode(body) if event.get("isBase64Encoded") else body.encode(),
            origin=_origin(context, headers),
            principal=_principal(context),
            correlation_id=context.get("requestId"),
        )

    def matches(self, etag: str) -> bool:
        """Return whether `If-None-Match` names `etag`, so that the answer is 304 (RFC 9110 §13.1.2, weakly)."""
        condition = self.headers.get("if-none-match", "").strip()
        return condition == "*" or etag in re.findall(r'(?:W/)?("[^"]*")', condition)

    def is_current(self, etag: str, last_modified: datetime | None) -> bool:
        """Return whether the client has this version of the photo, so that the answer is 304 (RFC 9110 §13.2.2).

        `If-Modified-Since` counts only without `If-None-Match`, for GET and HEAD, and if it is an HTTP-date (§13.1.3).
        HTTP dates have whole seconds. `last_modified` is None if nobody knows when the photo changed.
        """
        if "if-none-match" in self.headers:
            return self.matches(etag)
        since = _http_date(self.headers.get("if-modified-since", ""))
        if since is None or last_modified is None or self.method not in ("GET", "HEAD"):
            return False
        return last_modified.replace(microsecond=0) <= since


# IMF-fixdate, and the two obsolete formats that a recipient must accept as well (RFC 9110 §5.6.7).
_HTTP_DATES = ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y")


def _http_date(value: str) -> datetime | None:
    for form in _HTTP_DATES:
        try:
            return datetime.strptime(value, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    return None


@dataclass(frozen=True, slots=True)
class Response:
    """A response: status, headers, and a body of bytes or text."""

    status: HTTPStatus
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | str = ""

    @classmethod
    def of_json(cls, status: HTTPStatus, value: object, **headers: str) -> "Response":
        """Return a response with `value` as JSON, indented for people with a terminal, that no cache may keep."""
        fixed = {"Content-Type": "application/json", "Cache-Control": "no-store"}
        return cls(status, fixed | headers, json.dumps(value, ensure_ascii=False, indent=2) + "\n")

    @classmethod
    def of_problem(cls, problem: Problem) -> "Response":
        """Return a response with a problem document (RFC 9457)."""
        document = {
            "type": "about:blank",
            "title": problem.status.phrase,
            "status": problem.status,
            "code": problem.code,
            "detail": problem.detail,
        }
        headers = {"Content-Type": "application/problem+json"} | problem.headers
        return cls.of_json(problem.status, document, **headers)

    def to_event(self) -> dict[str, Any]:
        """Return the response in payload format 2.0. Each one forbids browsers to guess its type or to run it."""
        binary = isinstance(self.body, bytes)
        return {
            "statusCode": int(self.status),
            "headers": {
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
                "Cross-Origin-Resource-Policy": "cross-origin",
                **self.headers,
            },
            "body": base64.b64encode(self.body).decode() if isinstance(self.body, bytes) else self.body,
            "isBase64Encoded": binary,
        }


@dataclass(frozen=True, slots=True)
class Route:
    """The function that answers a route. A public route answers anyone, others only callers that IAM has identified."""

    call: Callable[[Request], Response]
    public: bool = False


def dispatch(event: dict[str, Any], routes: Mapping[str, Route], logger: Logger) -> dict[str, Any]:
    """Call the route that API Gateway chose for `event`, and return its response. A Problem becomes a response, too.

    A route that is not public answers 403 unless the event names an IAM principal. API Gateway rejects such a request
    itself, so if it arrives here, the route has lost its authorizer: that is logged as an error.

    Every problem is logged with its `code`. Every line of the request has the caller and the user, if they are known.
    """
    route_key = event["routeKey"]
    try:
        route = routes.get(route_key)
        if route is None:
            raise NotFound
        request = Request.of(event)
        _add_keys(logger, request)
        if not (route.public or request.principal):
            logger.error("request without an IAM principal rejected", route_key=route_key)
            raise Forbidden
        response = route.call(request)
        logger.debug("request answered", route_key=route_key, status=int(response.status))
    except Problem as problem:
        details = {"route_key": route_key, "status": int(problem.status), "code": problem.code}
        if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            logger.exception("request failed", extra=details)
        else:
            logger.info("request rejected", extra=details)
        response = Response.of_problem(problem)
    return response.to_event()


def _add_keys(logger: Logger, request: Request) -> None:
    """Add the caller and the user to every line of this request. An invalid user id may be anything, so it is not."""
    if request.principal:
        logger.append_keys(principal=request.principal)
    with suppress(KeyError, Problem):
        logger.append_keys(user_id=urls.parse_user_id(request.parameters["user_id"]))


def _principal(context: Mapping[str, Any]) -> str:
    """Return the ARN of the caller that IAM has identified, "sam local" where SAM CLI runs the function, or nothing.

    `sam local start-api` checks no signatures. SAM CLI sets AWS_SAM_LOCAL in its containers; Lambda never does.
    """
    identity = (context.get("authorizer") or {}).get("iam") or {}
    return identity.get("userArn") or ("sam local" if _under_sam_local() else "")


def _origin(context: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    """Return the address at which the client has reached the API.

    API Gateway names it in `domainName`. The Host header is not trusted: its sender could choose where photos are
    fetched from. `sam local start-api` names it in that header only, with its port.
    """
    if _under_sam_local():
        return f"{headers.get('x-forwarded-proto', 'https')}://{headers.get('host', 'localhost')}"
    return f"https://{context['domainName']}"


def _under_sam_local() -> bool:
    return os.environ.get("AWS_SAM_LOCAL") == "true"
