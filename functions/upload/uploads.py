"""Uploads through the drop box: forms for files over the direct limit, and what became of each file."""

import logging
import re
import uuid
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import get_args

from headshot import clock, urls
from headshot.http import Request, Response, Route
from headshot.problems import InvalidQuery, NotFound
from headshot.stores.dropbox import FORM_SECONDS, MAX_FILE_BYTES, DropBox
from headshot.stores.uploads import Upload, UploadStatus, UploadStore

logger = logging.getLogger("headshot.uploads")
drop_box = DropBox.from_environment()
upload_store = UploadStore.from_environment()


def create_upload(request: Request) -> Response:
    """Return a form that puts one file for the user into the drop box, and the path of its upload."""
    user_id, upload_id, now = urls.parse_user_id(request.parameters["user_id"]), str(uuid.uuid4()), datetime.now(UTC)
    form = drop_box.form(user_id, upload_id)
    upload_store.put(
        Upload(
            user_id,
            upload_id,
            "waiting",
            clock.rfc3339(now),
            principal=request.principal,
            correlation_id=request.correlation_id,
        )
    )
    logger.info("form signed", extra={"upload_id": upload_id})
    path = urls.upload_path(user_id, upload_id)
    answer = {
        "upload_id": upload_id,
        "url": form["url"],
        "fields": form["fields"],
        "max_bytes": MAX_FILE_BYTES,
        "expires": clock.rfc3339(now + timedelta(seconds=FORM_SECONDS)),
        "upload": path,
    }
    return Response.of_json(HTTPStatus.CREATED, answer, Location=path)


def list_uploads(request: Request) -> Response:
    """Return a user's uploads, the newest first."""
    found = upload_store.of_user(urls.parse_user_id(request.parameters["user_id"]))
    return Response.of_json(HTTPStatus.OK, {"uploads": [upload.public() for upload in found]})


def get_upload(request: Request) -> Response:
    """Return one upload of a user."""
    user_id = urls.parse_user_id(request.parameters["user_id"])
    upload = upload_store.find(user_id, urls.parse_upload_id(request.parameters["upload_id"]))
    if upload is None:
        raise NotFound
    return Response.of_json(HTTPStatus.OK, upload.public())


def list_all_uploads(request: Request) -> Response:
    """Return one page of everyone's uploads, and where the next page starts; `?status=rejected` lists only rejected."""
    status, start_after = request.query.get("status"), request.query.get("start_after")
    if status is not None and status not in get_args(UploadStatus):
        raise InvalidQuery(
            f"status is not one of {', '.join(get_args(UploadStatus))}. Use one of these, or leave it out to list all."
        )
    if start_after is not None and not re.fullmatch("[^/]+/.+", start_after):
        raise InvalidQuery(
            "start_after is not from a page of this list. Use the previous page's start_after, or leave it out for the"
            " first page."
        )
    found, start_after = upload_store.page(status, start_after)
    answer = {"uploads": [upload.public() for upload in found], "start_after": start_after}
    return Response.of_json(HTTPStatus.OK, answer)


ROUTES = {
    "GET /uploads": Route(list_all_uploads),
    "POST /users/{user_id}/photo/uploads": Route(create_upload),
    "GET /users/{user_id}/photo/uploads": Route(list_uploads),
    "GET /users/{user_id}/photo/uploads/{upload_id}": Route(get_upload),
}
