"""Uploads, records and erasures, for callers that IAM lets in."""

import base64
import json
import os
from dataclasses import asdict
from functools import partial
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.utils import copy_config_to_registered_loggers
from aws_lambda_powertools.utilities.typing import LambdaContext

from headshot import imaging, urls
from headshot.erase import Eraser
from headshot.http import Event, Request, Response, Route, answer
from headshot.problems import EmptyBody, InvalidBase64, InvalidJson, NotFound
from headshot.set_photo import NewPhoto, set_photo
from headshot.stores.photos import PhotoStore
from headshot.stores.records import RecordStore
from upload import uploads, users

logger = Logger(service="upload")
copy_config_to_registered_loggers(logger, include={"headshot"})  # what the domain logs looks the same
photos = PhotoStore.from_environment()
records = RecordStore.from_environment()
eraser = Eraser(uploads.incoming, uploads.uploads, photos, records)


def put_photo(request: Request) -> Response:
    """Make the picture in the body the user's current one: 201 with a new URL, or 200 if it was current already."""
    upload = NewPhoto(
        user_id=urls.parse_user_id(request.parameters["user_id"]),
        image=_image(request),
        crop=imaging.parse_crop(request.query.get("gravity"), request.query.get("crop")),
        base_url=os.environ.get("BASE_URL") or request.origin,
        principal=request.principal,
    )
    record, changed = set_photo(photos, records, upload)
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


def _image(request: Request) -> bytes:
    """Give the image file's bytes: the body itself, or what a JSON body has in "image"."""
    announced = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    image = _from_json(request.body) if announced == "application/json" and request.body else request.body
    if not image:
        raise EmptyBody('Send an image file as the body, or {"image": "<base64>"} as application/json.')
    return image


def _from_json(body: bytes) -> bytes:
    """Decode {"image": "<base64>"}."""
    try:
        encoded = json.loads(body)["image"]
    except (ValueError, TypeError, KeyError, RecursionError):
        encoded = None
    if not isinstance(encoded, str):
        raise InvalidJson(
            'A JSON body is an object with the image file, base64-encoded, as the string "image". Send a file as it is'
            " under its own Content-Type, such as image/jpeg."
        )
    try:
        return base64.b64decode("".join(encoded.split()), validate=True)  # the base64 command breaks its lines
    except ValueError as error:
        raise InvalidBase64(
            'The string "image" is not base64 (RFC 4648 §4), or it is cut off. Encode the file again.'
        ) from error


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
