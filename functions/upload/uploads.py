"""Uploads by way of the drop box: forms for files over the direct limit, and what became of them."""

import re
import uuid
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import get_args

from headshot import clock, urls
from headshot.http import Request, Response, Route
from headshot.problems import InvalidQuery, NotFound
from headshot.stores.dropbox import FORM_SECONDS, MAX_FILE_BYTES, DropBox
from headshot.stores.uploads import Upload, UploadStatus, UploadStore

incoming = DropBox.from_environment()
uploads = UploadStore.from_environment()


def create_upload(request: Request) -> Response:
    """Give a form by which one file for the user can be put into the drop box, and where its outcome will be."""
    user_id, upload_id, now = urls.parse_user_id(request.parameters["user_id"]), str(uuid.uuid4()), datetime.now(UTC)
    form = incoming.form(user_id, upload_id)
    uploads.put(Upload(user_id, upload_id, "waiting", clock.rfc3339(now), principal=request.principal))
    address = urls.upload_path(user_id, upload_id)
    answer = {
        "upload_id": upload_id,
        "url": form["url"],
        "fields": form["fields"],
        "max_bytes": MAX_FILE_BYTES,
        "expires": clock.rfc3339(now + timedelta(seconds=FORM_SECONDS)),
        "upload": address,
    }
    return Response.of_json(HTTPStatus.CREATED, answer, Location=address)


def list_uploads(request: Request) -> Response:
    """Show what became of a user's files, the newest first."""
    found = uploads.of_user(urls.parse_user_id(request.parameters["user_id"]))
    return Response.of_json(HTTPStatus.OK, {"uploads": [asdict(outcome) for outcome in found]})


def show_upload(request: Request) -> Response:
    """Show what became of one file."""
    user_id = urls.parse_user_id(request.parameters["user_id"])
    outcome = uploads.find(user_id, urls.parse_upload_id(request.parameters["upload_id"]))
    if outcome is None:
        raise NotFound
    return Response.of_json(HTTPStatus.OK, asdict(outcome))


def list_all_uploads(request: Request) -> Response:
    """Show what became of everybody's files, page by page; `?status=rejected` shows those alone."""
    status, start_after = request.query.get("status"), request.query.get("start_after")
    if status is not None and status not in get_args(UploadStatus):
        raise InvalidQuery(f"status is one of {', '.join(get_args(UploadStatus))}.")
    if start_after is not None and not re.fullmatch("[^/]+/.+", start_after):
        raise InvalidQuery("start_after is what the page before gave under that name. Leave it out for the first page.")
    found, start_after = uploads.page(status, start_after)
    answer = {"uploads": [asdict(outcome) for outcome in found], "start_after": start_after}
    return Response.of_json(HTTPStatus.OK, answer)


ROUTES = {
    "GET /uploads": Route(list_all_uploads),
    "POST /users/{user_id}/photo/uploads": Route(create_upload),
    "GET /users/{user_id}/photo/uploads": Route(list_uploads),
    "GET /users/{user_id}/photo/uploads/{upload_id}": Route(show_upload),
}
