"""A stack with any number of people, who are made up as they are asked for and take no memory themselves."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast
from unittest.mock import Mock
from urllib.parse import parse_qs, urlsplit

from headshot.publish import Publisher
from headshot.record import Entry, Published, Record
from headshot.stores.dropbox import DropBox
from headshot.stores.ingest_queue import IngestQueue
from headshot.stores.photos import PhotoStore
from headshot.stores.records import RecordStore
from headshot.sweep import Sweeper
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


class _Bucket:
    """The bucket's listings: a photo for everyone, and so many files in the drop box."""

    def __init__(self, people: int, files: int = 0) -> None:
        self._counts = {"photos/": people, "dropbox/": files}

    def get_paginator(self, _operation: str) -> "_Bucket":
        return self

    def paginate(self, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803  boto3's names
        assert Bucket == "PhotosBucket"
        count, ending = self._counts.get(Prefix, 0), f"/{VERSION}.jpg" if Prefix == "photos/" else ".jpg"
        for first in range(0, count, PAGE):
            users = (entry(number).user_id for number in range(first, min(first + PAGE, count)))
            items = [_object(f"{Prefix}{user_id}{ending}") for user_id in users]
            yield {"Contents": items, "Versions": items}


def _object(key: str) -> dict[str, Any]:
    stored = datetime(2026, 1, 2, tzinfo=UTC)
    return {"Key": key, "Size": RECORD.bytes, "LastModified": stored, "VersionId": RECORD.s3_version_id}


class CrowdStack(Stack):
    """A stack with empty queues and no alarms; each output has its own name as value."""

    def __init__(self, people: int) -> None:
        super().__init__("crowd")
        counts = dict.fromkeys(["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"], "0")
        sqs, cloudwatch = Mock(), Mock()
        sqs.get_queue_attributes.return_value = {"Attributes": counts}
        cloudwatch.describe_alarms.return_value = {"MetricAlarms": []}
        self._clients = {"s3": _Bucket(people), "sqs": sqs, "cloudwatch": cloudwatch}

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

    def find(self, user_id: str) -> Record | None:
        return entry(number_of(user_id))

    def page(self, start_after: str | None, limit: int) -> tuple[list[Entry], str | None]:
        first = number_of(start_after) + 1 if start_after else 0
        end = min(first + limit, self._people)
        entries: list[Entry] = [entry(number) for number in range(first, end)]
        return entries, entries[-1].user_id if end < self._people else None

    def mark(self, entry: Entry, published: Published) -> bool:  # noqa: ARG002  stores nothing
        return True


class _Queue(IngestQueue):
    """A queue that is empty, whatever is added."""

    def __init__(self) -> None:
        self.added = 0

    def is_empty(self) -> bool:
        return True

    def add(self, name: str) -> None:  # noqa: ARG002  it is counted
        self.added += 1


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


def sweeper(people: int, files: int = 0) -> Sweeper:
    """Return a sweeper of so many photos, all with a record, and so many files that no event announced."""
    bucket, nobody = cast("Any", _Bucket(people, files)), Mock()
    photos, drop_box = PhotoStore("PhotosBucket", bucket), DropBox("PhotosBucket", bucket)
    return Sweeper(drop_box, nobody, _Queue(), nobody, photos, _Records(people), None)
