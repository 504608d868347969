"""The rows of `headshot list`: photos, people without a photo, and rejected files."""

from collections.abc import Iterable, Iterator
from typing import Any

from headshot_cli.api import Api
from headshot_cli.sources import Candidate
from headshot_cli.users import label, publish_status, user_ids, users

Row = dict[str, Any]


def photos(api: Api, *, unpublished: bool = False) -> Iterator[Row]:
    """Yield a row for each photo; if `unpublished`, only for those whose URL the identity provider does not have."""
    for record in users(api):
        status = publish_status(record)
        if unpublished and status == "published":
            continue
        yield {
            "user_id": record["user_id"],
            "updated": record["updated"],
            "published": label(status),
            "url": record["url"],
            "error": record["published"]["error"] if record["published"] else None,
        }


def without_photo(api: Api, candidates: Iterable[Candidate]) -> Iterator[Row]:
    """Yield a row for each person of a source who has no photo, without duplicates."""
    seen = {"", *user_ids(api)}
    for candidate in candidates:
        if candidate.user_id not in seen:
            seen.add(candidate.user_id)
            yield {"user_id": candidate.user_id, "name": candidate.name}


def rejected(api: Api) -> Iterator[Row]:
    """Yield a row for each file in the drop box that was rejected within the last month, with the reason."""
    for upload in api.pages("/uploads", "uploads", status="rejected"):
        yield {name: upload[name] for name in ("user_id", "file", "upload_id", "at", "code", "detail")}
