"""HEAD and GET of photos, for anyone, and the answer to every request that matches no route."""

import os
import re
from dataclasses import replace
from datetime import UTC
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.utilities.typing import LambdaContext

from headshot import __version__, urls
from headshot.http import Request, Response, Route, dispatch
from headshot.problems import MethodNotAllowed, NotFound, StoreUnavailable, VersionRequired
from headshot.stores.reader import Reader
from headshot.stores.stored import StoredPhoto
from serve import default

logger = Logger(service="serve")
reader = Reader.from_environment()

# Cache-Control of a version, which never changes, and of the current photo, whose change must show within minutes.
FOREVER = "public, max-age=31536000, immutable"
BRIEFLY = "public, max-age=300, must-revalidate"

# The methods of every route of the API, the upload function's included, for answers of 405.
ALLOWED = {
    re.compile(r"/photos/([^/]+/)?[^/]+\.jpg"): "GET, HEAD",
    re.compile(r"/users/[^/]+/photo"): "DELETE, GET, PUT",
    re.compile(r"/health"): "GET, HEAD",
    re.compile(r"/uploads"): "GET",
    re.compile(r"/users"): "GET",
    re.compile(r"/users/[^/]+/photo/history"): "GET",
    re.compile(r"/users/[^/]+/photo/uploads"): "GET, POST",
    re.compile(r"/users/[^/]+/photo/uploads/[^/]+"): "GET",
}


def serve_version(request: Request) -> Response:
    """Return one version of a user's photo, while it is kept."""
    user_id, version = urls.parse_version(request.parameters["user_id"], request.parameters["file"])
    return _serve(request, user_id, version, FOREVER)


def serve_current(request: Request) -> Response:
    """Return the user's current photo.

    A record without its photo is a fault of the store, not an unknown user: it answers 503, so that no client drops the
    photo that it has.

    If the stack disables unversioned URLs, only the neutral photo has one. Nothing is read for any other user, so that
    neither the answer nor its time says who has a photo.
    """
    user_id = urls.parse_current(request.parameters["file"])
    logger.append_keys(user_id=user_id)
    if os.environ["UNVERSIONED_URLS"] == "Disabled" and user_id != urls.DEFAULT_USER:
        raise VersionRequired
    version = reader.current(user_id)
    if version:
        try:
            return _serve(request, user_id, version, BRIEFLY)
        except NotFound as error:
            logger.error("record without its photo", version=version)  # noqa: TRY400  `dispatch` logs the trace
            raise StoreUnavailable from error
    if user_id == urls.DEFAULT_USER:
        return _answer(request, default.VERSION, default.PHOTO, BRIEFLY)
    raise NotFound


def health(request: Request) -> Response:
    """Return that the API and this function work, and the version. Nothing is read: `headshot status` looks deeper."""
    answer = Response.of_json(HTTPStatus.OK, {"status": "ok", "version": __version__})
    return answer if request.method == "GET" else replace(answer, body="")


def reject(request: Request) -> Response:
    """Raise MethodNotAllowed at the address of a route, and NotFound anywhere else. API Gateway found no route."""
    for path, methods in ALLOWED.items():
        if path.fullmatch(request.path):
            raise MethodNotAllowed(methods)
    raise NotFound


def _serve(request: Request, user_id: str, version: str, cache_control: str) -> Response:
    """Return a photo from the store. Its bytes are read for GET only, and not if the client has them."""
    read = reader.get if request.method == "GET" and not request.matches(f'"{version}"') else reader.head
    photo = read(user_id, version)
    if photo is None:
        raise NotFound
    return _answer(request, version, photo, cache_control)


def _answer(request: Request, version: str, photo: StoredPhoto, cache_control: str) -> Response:
    """Return the response to HEAD, GET or a revalidation, with the same headers for all."""
    etag = f'"{version}"'
    headers = {"ETag": etag, "Cache-Control": cache_control}
    if photo.last_modified:
        headers["Last-Modified"] = format_datetime(photo.last_modified.astimezone(UTC), usegmt=True)
    if request.is_current(etag, photo.last_modified):
        return Response(HTTPStatus.NOT_MODIFIED, headers)
    headers |= {"Content-Type": "image/jpeg", "Content-Length": str(photo.size)}
    return Response(HTTPStatus.OK, headers, photo.jpeg if photo.jpeg and request.method == "GET" else "")


# These are the only routes that need no signature: neither Atlassian nor a monitor signs its requests.
ROUTES = {
    "GET /photos/{user_id}/{file}": Route(serve_version, public=True),
    "HEAD /photos/{user_id}/{file}": Route(serve_version, public=True),
    "GET /photos/{file}": Route(serve_current, public=True),
    "HEAD /photos/{file}": Route(serve_current, public=True),
    "GET /health": Route(health, public=True),
    "HEAD /health": Route(health, public=True),
    "$default": Route(reject, public=True),
}


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_HTTP, clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Answer a request that API Gateway sends as an event of payload format 2.0."""
    return dispatch(event, ROUTES, logger)
