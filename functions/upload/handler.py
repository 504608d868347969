"""Photos, records and erasures, for callers that IAM allows in."""

import os
from dataclasses import asdict
from functools import partial
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging import correlation_paths
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers
from aws_lambda_powertools.utilities.typing import LambdaContext

from headshot import metrics, urls
from headshot.erase import Eraser
from headshot.http import Request, Response, Route, dispatch
from headshot.imaging import ImageError
from headshot.problems import NotFound, Problem
from headshot.record import Record
from headshot.set_photo import NewPhoto, set_photo
from headshot.stores.photos import PhotoStore
from headshot.stores.records import RecordStore
from upload import picture, uploads, users

logger = Logger(service="upload")
copy_config_to_registered_loggers(logger, include={"headshot"})  # the domain logs in the same format
photos = PhotoStore.from_environment()
records = RecordStore.from_environment()
eraser = Eraser.from_environment()


def put_photo(request: Request) -> Response:
    """Set the user's photo: 201 with its new URL, or 200 if the picture is the current photo already."""
    try:
        record, changed = _set_photo(request)
    except Problem as problem:
        if problem.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            metrics.count("PhotoRefused", Code=problem.code)
        raise
    if not changed:
        return Response.of_json(HTTPStatus.OK, record.public())
    logger.info("photo set", version=record.version)
    return Response.of_json(HTTPStatus.CREATED, record.public(), Location=record.url)


def _set_photo(request: Request) -> tuple[Record, bool]:
    try:
        new = NewPhoto(
            user_id=urls.parse_user_id(request.parameters["user_id"]),
            image=picture.read_image(request),
            crop=picture.read_crop(request),
            base_url=os.environ.get("BASE_URL") or request.origin,
            principal=request.principal,
            correlation_id=request.correlation_id,
        )
        return set_photo(photos, records, new)
    except ImageError as error:
        raise picture.problem_of(error) from error


def get_record(request: Request) -> Response:
    """Return the user's record."""
    record = records.find(urls.parse_user_id(request.parameters["user_id"]))
    if record is None:
        raise NotFound
    return Response.of_json(HTTPStatus.OK, record.public())


def get_history(request: Request) -> Response:
    """Return who set or erased the user's photo, the newest change first. For an erased user, that is the erasure."""
    user_id = urls.parse_user_id(request.parameters["user_id"])
    entry = records.entry(user_id)
    if entry is None:
        raise NotFound
    history = [asdict(change) for change in reversed(entry.history)]
    return Response.of_json(HTTPStatus.OK, {"user_id": user_id, "history": history})


def delete_photo(request: Request) -> Response:
    """Erase a user, known or not, and return what was deleted."""
    user_id = urls.parse_user_id(request.parameters["user_id"])
    receipt = eraser.erase(user_id, request.correlation_id, request.principal)
    if receipt.record:
        metrics.count("PhotoErased")
    logger.info("user erased", extra=asdict(receipt))
    return Response.of_json(HTTPStatus.OK, asdict(receipt))


ROUTES = {
    "PUT /users/{user_id}/photo": Route(put_photo),
    "GET /users/{user_id}/photo": Route(get_record),
    "DELETE /users/{user_id}/photo": Route(delete_photo),
    "GET /users/{user_id}/photo/history": Route(get_history),
    "GET /users": Route(partial(users.list_users, records)),
    **uploads.ROUTES,
}


@logger.inject_lambda_context(correlation_id_path=correlation_paths.API_GATEWAY_HTTP, clear_state=True)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Answer a request that API Gateway sends as an event of payload format 2.0."""
    return dispatch(event, ROUTES, logger)
