"""The list of everyone who has a photo."""

from http import HTTPStatus
from typing import get_args

from headshot import urls
from headshot.http import Request, Response
from headshot.problems import InvalidQuery
from headshot.stores.records import PublishedFilter, RecordStore

_FILTERS = get_args(PublishedFilter)


def list_users(records: RecordStore, request: Request) -> Response:
    """Return one page of records, and where the next page starts; `?published=failed` lists only failed ones."""
    published, start_after = request.query.get("published"), request.query.get("start_after")
    if published is not None and published not in _FILTERS:
        raise InvalidQuery(
            f"published is not one of {', '.join(_FILTERS)}. Correct it, or leave it out to list everyone."
        )
    if start_after is not None and not urls.USER_ID.fullmatch(start_after):
        raise InvalidQuery(
            "start_after is not a user id. Use the previous page's start_after, or leave it out for the first page."
        )
    found, start_after = records.search(published, start_after)
    answer = {"users": [record.public() for record in found], "start_after": start_after}
    return Response.of_json(HTTPStatus.OK, answer)
