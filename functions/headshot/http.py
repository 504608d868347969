"""The HTTP side of every function: a request from an API Gateway event, an answer back, problems included.

Routes are told apart by `routeKey`, which API Gateway has already matched. A router that matches `rawPath` again, as
Powertools' does, would see a path that HTTP APIs have decoded and some emulators have not.
"""

import base64
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger

from headshot.problems import Forbidden, NotFound, Problem

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """What a route may know of a request, from an event of payload format 2.0.

    `headers` have lower-case names. `parameters` are the path's, as `headshot.urls` reads them; `query` is decoded.
    `origin` is the address at which the client has reached the API, such as "https://api.example.com".
    `principal` is the ARN that IAM knows the caller by, or empty where IAM has checked no signature.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    origin: str
    principal: str

    @classmethod
    def of(cls, event: Event) -> "Request":
        """Read `event`, a "Lambda integration payload format 2.0" of API Gateway's developer guide."""
        context = event["requestContext"]
        body = event.get("body") or ""
        headers = {name.lower(): value for name, value in event.get("headers", {}).items()}
        return cls(
            method=context["http"]["method"],
            path=event["rawPath"],
            headers=headers,
            parameters=event.get("pathParameters") or {},
            query=event.get("queryStringParameters") or {},
            body=base64.b64decode(body) if event.get("isBase64Encoded") else body.encode(),
            origin=_origin(context, headers),
            principal=_principal(context),
        )

    def matches(self, etag: str) -> bool:
        """Whether `If-None-Match` names `etag`, so that 304 is the answer (RFC 9110 §13.1.2, weak comparison)."""
        condition = self.headers.get("if-none-match", "").strip()
        return condition == "*" or etag in re.findall(r'(?:W/)?("[^"]*")', condition)

    def is_current(self, etag: str, last_modified: datetime | None) -> bool:
        """Return whether the client has this very picture, so that 304 is the answer (RFC 9110 §13.2.2).

        `If-Modified-Since` counts only without `If-None-Match`, for GET and HEAD, if it is an HTTP-date (§13.1.3). HTTP
        knows whole seconds only. None for `last_modified` means that nobody knows when it changed.
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
    """An answer: status, headers, and a body of bytes or of text."""

    status: HTTPStatus
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | str = ""

    @classmethod
    def of_json(cls, status: HTTPStatus, value: object, **headers: str) -> "Response":
        """Answer with `value` as JSON that no cache keeps, laid out for a person who meets it in a terminal."""
        fixed = {"Content-Type": "application/json", "Cache-Control": "no-store"}
        return cls(status, fixed | headers, json.dumps(value, ensure_ascii=False, indent=2) + "\n")

    @classmethod
    def of_problem(cls, problem: Problem) -> "Response":
        """Answer with a problem document (RFC 9457)."""
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
        """Give the answer in payload format 2.0. Every answer forbids a browser to guess its type or run it."""
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
    """What answers a route, and whether it does so for anyone or only for callers that IAM has identified."""

    call: Callable[[Request], Response]
    public: bool = False


def answer(event: Event, routes: Mapping[str, Route], logger: Logger) -> dict[str, Any]:
    """Answer `event` by the route that API Gateway chose. Problems become answers; anything else raised is a bug.

    A route that is not public answers 403 unless the event names an IAM principal. API Gateway should have rejected
    such a request, so that it gets here means that the API lacks its authorizer: it is logged as an error.
    """
    try:
        route = routes.get(event["routeKey"])
        if route is None:
            raise NotFound
        request = Request.of(event)
        if not (route.public or request.principal):
            logger.error("request without an IAM principal rejected", route_key=event["routeKey"])
            raise Forbidden
        return route.call(request).to_event()
    except Problem as problem:
        if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            logger.exception("request failed", route_key=event["routeKey"], code=problem.code)
        return Response.of_problem(problem).to_event()


def _principal(context: Mapping[str, Any]) -> str:
    """Return the ARN of the caller that IAM has identified, "sam local" where SAM CLI runs the function, or nothing.

    `sam local start-api` checks no signatures. SAM CLI sets AWS_SAM_LOCAL in its containers; Lambda never does.
    """
    arn = context.get("authorizer", {}).get("iam", {}).get("userArn")
    return arn or ("sam local" if os.environ.get("AWS_SAM_LOCAL") == "true" else "")


def _origin(context: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    """Return where the client has reached the API.

    API Gateway tells by `domainName`; the Host header is not trusted, since its sender could choose where photos are
    fetched from. `sam local start-api` tells by the header only, port included.
    """
    if os.environ.get("AWS_SAM_LOCAL") == "true":
        return f"{headers.get('x-forwarded-proto', 'https')}://{headers.get('host', 'localhost')}"
    return f"https://{context.get('domainName', 'localhost')}"
