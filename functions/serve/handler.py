"""HEAD and GET of photos, for anyone, and the answer to whatever no route takes."""

import re
from datetime import UTC
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from headshot import urls
from headshot.http import Event, Request, Response, Route, answer
from headshot.problems import MethodNotAllowed, NotFound, StoreUnavailable
from headshot.stores.photos import PhotoStore, StoredPhoto
from headshot.stores.records import RecordStore
from serve import default

logger = Logger(service="serve")
photos = PhotoStore.from_environment()
records = RecordStore.from_environment()

# A version never changes; which one is current does, and then within minutes.
FOREVER = "public, max-age=31536000, immutable"
BRIEFLY = "public, max-age=300, must-revalidate"

ALLOWED = {
    re.compile(r"/photos/([^/]+/)?[^/]+\.jpg"): "GET, HEAD",
    re.compile(r"/users/[^/]+/photo"): "DELETE, GET, PUT",
    re.compile(r"/uploads"): "GET",
    re.compile(r"/users"): "GET",
    re.compile(r"/users/[^/]+/photo/uploads"): "GET, POST",
    re.compile(r"/users/[^/]+/photo/uploads/[^/]+"): "GET",
}


def serve_version(request: Request) -> Response:
    """Answer with one picture of a user, as long as it is kept."""
    user_id, version = urls.parse_version(request.parameters["user_id"], request.parameters["file"])
    return _serve(request, user_id, version, FOREVER)


def serve_current(request: Request) -> Response:
    """Answer with the picture that is the user's current one.

    A record without its picture is a fault of the store, not an unknown user: 503, so that nobody forgets the photo.
    """
    user_id = urls.parse_current(request.parameters["file"])
    record = records.find(user_id)
    if record:
        try:
            return _serve(request, user_id, record.version, BRIEFLY)
        except NotFound as error:
            # The trace is for `answer` to log.
            logger.error("record without its photo", user_id=user_id, version=record.version)  # noqa: TRY400
            raise StoreUnavailable from error
    if user_id == urls.DEFAULT_USER:
        return _answer(request, default.VERSION, default.PHOTO, BRIEFLY)
    raise NotFound


def reject(request: Request) -> Response:
    """Tell a wrong method from a wrong address. API Gateway sends here what no route takes."""
    for path, methods in ALLOWED.items():
        if path.fullmatch(request.path):
            raise MethodNotAllowed(methods)
    raise NotFound


def _serve(request: Request, user_id: str, version: str, cache_control: str) -> Response:
    """Answer with a picture from the store, which is read for GET only."""
    read = photos.get if request.method == "GET" and not request.matches(f'"{version}"') else photos.head
    photo = read(user_id, version)
    if photo is None:
        raise NotFound
    return _answer(request, version, photo, cache_control)


def _answer(request: Request, version: str, photo: StoredPhoto, cache_control: str) -> Response:
    """Answer HEAD, GET or a revalidation with the same headers."""
    etag = f'"{version}"'
    headers = {"ETag": etag, "Cache-Control": cache_control}
    if photo.last_modified:
        headers["Last-Modified"] = format_datetime(photo.last_modified.astimezone(UTC), usegmt=True)
    if request.is_current(etag, photo.last_modified):
        return Response(HTTPStatus.NOT_MODIFIED, headers)
    headers |= {"Content-Type": "image/jpeg", "Content-Length": str(photo.size)}
    return Response(HTTPStatus.OK, headers, photo.jpeg if photo.jpeg and request.method == "GET" else "")


# The only routes that need no signature: Atlassian has none.
ROUTES = {
    "GET /photos/{user_id}/{file}": Route(serve_version, public=True),
    "HEAD /photos/{user_id}/{file}": Route(serve_version, public=True),
    "GET /photos/{file}": Route(serve_current, public=True),
    "HEAD /photos/{file}": Route(serve_current, public=True),
    "$default": Route(reject, public=True),
}


@logger.inject_lambda_context
def handler(event: Event, _context: LambdaContext) -> dict[str, Any]:
    """Answer an API Gateway event of payload format 2.0."""
    return answer(event, ROUTES, logger)
