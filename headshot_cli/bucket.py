"""The stack's bucket, as the command sees it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from headshot.problems import StoreMissing
from headshot_cli.stack import Stack, StackError


def objects(stack: Stack, prefix: str) -> Iterator[dict[str, Any]]:
    """Yield the objects under a prefix, as S3 lists them. Raise StackError if there is no bucket."""
    pages = stack.client("s3").get_paginator("list_objects_v2")
    try:
        for page in pages.paginate(Bucket=stack.output("PhotosBucket"), Prefix=prefix):
            yield from page.get("Contents", [])
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucket":
            raise StackError(StoreMissing("bucket").detail) from error
        raise


def lost(stack: Stack, records: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the ids of users whose photo is not in the bucket, by their `records` as the API has returned them.

    A photo that was replaced meanwhile is no loss: it is copied to `superseded/` before it is deleted. The two listings
    have different orders, so one short key for each person is kept until the bucket's listing has it.
    """
    missing = {f"{record['user_id']}/{record['version']}.jpg" for record in records}
    for prefix in ("photos/", "superseded/"):
        for item in objects(stack, prefix):
            missing.discard(item["Key"].removeprefix(prefix))
    return sorted(key.rpartition("/")[0] for key in missing)
