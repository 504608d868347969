"""A stack with any number of people, who are made up as they are asked for and take no memory themselves."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from unittest.mock import Mock
from urllib.parse import parse_qs, urlsplit

from headshot.publish import Publisher
from headshot.record import Entry, Published, Record
from headshot.stores.records import RecordStore
from headshot_cli.api import Api
from headshot_cli.stack import Stack
from tests.unit.examples import PUBLISHED, RECORD, VERSION

PAGE = 1000  # what S3 lists at once, and about what DynamoDB scans: 1 MB of records


def entry(number: int) -> Record:
    """Return a person's record."""
    user_id = f"person{number:07}@example.com"
    url = RECORD.url.replace("ada", user_id)
    return replace(RECORD, user_id=user_id, url=url, identity_id=user_id, published=PUBLISHED)


def number_of(user_id: str) -> int:
    """Return the number of a person whom `entry` made."""
    return int(user_id[len("person") : len("person") + 7])


class CrowdApi(Api):
    """The API's listing of so many people."""

    def __init__(self, people: int) -> None:
        self._people = people

    def call(self, method: str, path: str) -> Any:
        assert (method, urlsplit(path).path) == ("GET", "/users")
        after = parse_qs(urlsplit(path).query).get("start_after")
        first = number_of(after[0]) + 1 if after else 0
        end = min(first + PAGE, self._people)
        users = [entry(number).public() for number in range(first, end)]
        return {"users": users, "start_after": users[-1]["user_id"] if end < self._people else None}


class _Photos:
    """The bucket's listing: a photo for everyone, and an empty drop box."""

    def __init__(self, people: int) -> None:
        self._people = people

    def get_paginator(self, _operation: str) -> "_Photos":
        return self

    def paginate(self, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803  boto3's names
        assert Bucket == "PhotosBucket"
        people = self._people if Prefix == "photos/" else 0
        for first in range(0, people, PAGE):
            users = (entry(number).user_id for number in range(first, min(first + PAGE, people)))
            yield {"Contents": [_object(f"{Prefix}{user_id}/{VERSION}.jpg") for user_id in users]}


def _object(key: str) -> dict[str, Any]:
    return {"Key": key, "Size": RECORD.bytes, "LastModified": datetime.now(UTC), "ETag": '"0"'}


class CrowdStack(Stack):
    """A stack with empty queues and no alarms; each output has its own name as value."""

    def __init__(self, people: int) -> None:
        super().__init__("crowd")
        counts = dict.fromkeys(["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"], "0")
        sqs, cloudwatch = Mock(), Mock()
        sqs.get_queue_attributes.return_value = {"Attributes": counts}
        cloudwatch.describe_alarms.return_value = {"MetricAlarms": []}
        self._clients = {"s3": _Photos(people), "sqs": sqs, "cloudwatch": cloudwatch}

    def has(self, name: str) -> bool:
        return bool(name)

    def output(self, name: str) -> str:
        return name

    def resources(self, kind: str) -> list[str]:
        return [kind]

    def client(self, service: str) -> Any:
        return self._clients[service]


class _Records(RecordStore):
    """The records of so many people, in the order of their numbers."""

    def __init__(self, people: int) -> None:
        self._people = people

    def page(self, start_after: str | None, limit: int) -> tuple[list[Entry], str | None]:
        first = number_of(start_after) + 1 if start_after else 0
        end = min(first + limit, self._people)
        entries: list[Entry] = [entry(number) for number in range(first, end)]
        return entries, entries[-1].user_id if end < self._people else None

    def mark(self, entry: Entry, published: Published) -> bool:  # noqa: ARG002  stores nothing
        return True


class _Provider:
    """An identity provider that has everyone's URL, or fails with `error`."""

    def __init__(self, error: Exception | None) -> None:
        self._error = error

    def find(self, user_id: str) -> str:
        return user_id

    def photo_url(self, identity_id: str) -> str | None:
        if self._error:
            raise self._error
        return entry(number_of(identity_id)).url


def publisher(people: int, error: Exception | None = None) -> Publisher:
    """Return a publisher for so many people."""
    provider: Any = _Provider(error)
    return Publisher(_Records(people), provider, None)
