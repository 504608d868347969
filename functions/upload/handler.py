"""Uploads, records and erasures, for callers that IAM lets in."""

import os
from dataclasses import asdict
from functools import partial
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers
from aws_lambda_powertools.utilities.typing import LambdaContext

from headshot import urls
from headshot.erase import Eraser
from headshot.http import Event, Request, Response, Route, answer
from headshot.imaging import ImageError
from headshot.problems import NotFound
from headshot.set_photo import NewPhoto, set_photo
from headshot.stores.photos import PhotoStore
from headshot.stores.records import RecordStore
from upload import picture, uploads, users

logger = Logger(service="upload")
copy_config_to_registered_loggers(logger, include={"headshot"})  # what the domain logs looks the same
photos = PhotoStore.from_environment()
records = RecordStore.from_environment()
eraser = Eraser(uploads.incoming, uploads.uploads, photos, records)


def put_photo(request: Request) -> Response:
    """Make the picture in the body the user's current one: 201 with a new URL, or 200 if it was current already."""
    try:
        new = NewPhoto(
            user_id=urls.parse_user_id(request.parameters["user_id"]),
            image=picture.read_image(request),
            crop=picture.read_crop(request),
            base_url=os.environ.get("BASE_URL") or request.origin,
            principal=request.principal,
        )
        record, changed = set_photo(photos, records, new)
    except ImageError as error:
        raise picture.problem_of(error) from error
    if not changed:
        return Response.of_json(HTTPStatus.OK, record.public())
    logger.info("photo replaced", user_id=record.user_id, version=record.version, principal=record.principal)
    return Response.of_json(HTTPStatus.CREATED, record.public(), Location=record.url)


def get_record(request: Request) -> Response:
    """Show what is known of a user's current photo."""
    record = records.find(urls.parse_user_id(request.parameters["user_id"]))
    if record is None:
        raise NotFound
    return Response.of_json(HTTPStatus.OK, record.public())


def delete_photo(request: Request) -> Response:
    """Erase a person, known or not, and answer with what was there."""
    receipt = eraser.erase(urls.parse_user_id(request.parameters["user_id"]))
    logger.info("person erased", principal=request.principal, **asdict(receipt))
    return Response.of_json(HTTPStatus.OK, asdict(receipt))


ROUTES = {
    "PUT /users/{user_id}/photo": Route(put_photo),
    "GET /users/{user_id}/photo": Route(get_record),
    "DELETE /users/{user_id}/photo": Route(delete_photo),
    "GET /users": Route(partial(users.list_users, records)),
    **uploads.ROUTES,
}


@logger.inject_lambda_context
def handler(event: Event, _context: LambdaContext) -> dict[str, Any]:
    """Answer an API Gateway event of payload format 2.0."""
    return answer(event, ROUTES, logger)
