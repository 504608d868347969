"""The user ids that the stack knows, and those among them that are like another."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from botocore.exceptions import ClientError

from headshot_cli.stack import Stack

_CLOSE = 0.8  # by difflib's measure: one letter of five


def user_ids(stack: Stack) -> Iterator[str]:
    """Yield the user id of every record. What an unconfirmed erasure leaves in the table is none."""
    pages = stack.client("dynamodb").get_paginator("scan")
    options = {"ProjectionExpression": "user_id", "FilterExpression": "attribute_not_exists(erased)"}
    for page in pages.paginate(TableName=stack.output("RecordsTable"), **options):
        yield from (item["user_id"]["S"] for item in page["Items"])


def hinted_user_ids(stack: Stack) -> list[str]:
    """Return what `user_ids` does, or nothing if the caller may not read the table: a hint is not worth an error."""
    try:
        return list(user_ids(stack))
    except ClientError as error:
        if not error.response["Error"]["Code"].startswith("AccessDenied"):
            raise
        return []


def differing_in_case(user_ids: Iterable[str], user_id: str) -> list[str]:
    """Return the known user ids that differ from one in case only."""
    folded = user_id.casefold()
    return sorted(other for other in user_ids if other.casefold() == folded and other != user_id)


def similar(user_ids: Iterable[str], user_id: str) -> list[str]:
    """Return up to three known user ids that differ from one in case or by a letter or so, the closest first."""
    folded = {other.casefold(): other for other in user_ids if other != user_id}
    return [folded[close] for close in get_close_matches(user_id.casefold(), folded, cutoff=_CLOSE)]
