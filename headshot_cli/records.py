"""What the stack knows of people: their records, and how it fares as a whole."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from boto3.dynamodb.types import TypeDeserializer

from headshot.urls import DEFAULT_USER
from headshot_cli import known, topics
from headshot_cli.api import Api
from headshot_cli.sources import Candidate
from headshot_cli.stack import Stack

_QUEUES = {
    "IngestQueue": "files waiting",
    "IngestDeadLetterQueue": "files given up",
    "PublishQueue": "photos waiting to be published",
    "PublishDeadLetterQueue": "photos given up",
}

# Three sweeps and a try by ingest have passed a file by then; more than that is a failure.
_LATE_AFTER = timedelta(minutes=30)
_LATE = "there for over 30 minutes"


# What the identity provider has to do with a photo, where the record's word needs another.
NOT_TRIED = "not tried"
_STATUSES = {"waiting": "waiting for the account"}

# A photo's way to publish takes seconds. In a large import many wait for longer, at the identity provider's pace.
_SOON = timedelta(minutes=15)
_OVERDUE = f"photos {NOT_TRIED} for {_SOON.seconds // 60} minutes"


def records(stack: Stack) -> Iterator[dict[str, Any]]:
    """Yield every record, as a line of a list: who, since when, and how it fares at the identity provider.

    The neutral picture is "never" published: no user has it.
    """
    pages = stack.client("dynamodb").get_paginator("scan").paginate(TableName=stack.output("RecordsTable"))
    for page in pages:
        for item in page["Items"]:
            if "erased" in item:  # a tombstone
                continue
            record = TypeDeserializer().deserialize({"M": item})
            published = record.get("published")
            is_default = record["user_id"] == DEFAULT_USER
            yield {
                "user_id": record["user_id"],
                "updated": record["updated"],
                "published": "never" if is_default else publication(published),
                "url": record["url"],
                "error": published["error"] if published else None,
            }


def publication(published: Mapping[str, Any] | None) -> str:
    """Return in words how a photo's URL fares at the identity provider."""
    return _STATUSES.get(published["status"], published["status"]) if published else NOT_TRIED


def without_photo(stack: Stack, candidates: Iterable[Candidate]) -> Iterator[dict[str, Any]]:
    """Yield the people of a source who have no record, each once."""
    seen = {"", *known.user_ids(stack)}
    for candidate in candidates:
        if candidate.user_id not in seen:
            seen.add(candidate.user_id)
            yield {"user_id": candidate.user_id, "name": candidate.name}


def rejected(api: Api) -> Iterator[dict[str, Any]]:
    """Give every file in the drop box that was rejected within the last month, with the reason."""
    path = start = "/uploads?status=rejected"
    while path:
        page = api.call("GET", path)
        for outcome in page["uploads"]:
            yield {name: outcome[name] for name in ("user_id", "file", "upload_id", "at", "code", "detail")}
        start_after = page["start_after"]
        path = f"{start}&start_after={quote(start_after, safe='')}" if start_after else ""


def status(stack: Stack) -> dict[str, Any]:
    """Return counts of records by their status at the identity provider and of messages in each queue, and the alarms.

    `alarms` says which of them are in alarm, `silent alarms` why some would reach nobody.
    """
    statuses: Counter[str] = Counter()
    soon = datetime.now(UTC) - _SOON
    for record in records(stack):
        statuses[f"photos {record['published']}"] += 1
        if stack.has("PublishQueue") and record["published"] == NOT_TRIED:
            statuses[_OVERDUE] += datetime.fromisoformat(record["updated"]) < soon
    total = statuses.total() - statuses[_OVERDUE]
    found: dict[str, Any] = {"photos": total} | {name: statuses[name] for name in sorted(statuses) if statuses[name]}
    found |= _files(stack)
    for output, name in _QUEUES.items():
        if stack.has(output):
            found[name] = _messages(stack, output)
    alarms = _alarms(stack)
    found["alarms"] = [alarm["AlarmDescription"] for alarm in alarms if alarm["StateValue"] == "ALARM"]
    found["silent alarms"] = topics.obstacles(stack, alarms)
    return found


def is_healthy(found: dict[str, Any]) -> bool:
    """Whether no alarm sounds, none is silent, nothing failed, and no photo or file waits for long."""
    wrong = ("alarms", "given up", "failed", _OVERDUE, _LATE)
    return not any(count for name, count in found.items() if name.endswith(wrong))


def _files(stack: Stack) -> dict[str, int]:
    """Count the files that lie in the drop box. Folders that were made in the console of S3 are none."""
    pages = stack.client("s3").get_paginator("list_objects_v2")
    counts = {"files in the drop box": 0, f"files {_LATE}": 0}
    limit = datetime.now(UTC) - _LATE_AFTER
    for page in pages.paginate(Bucket=stack.output("PhotosBucket"), Prefix="dropbox/"):
        for item in page.get("Contents", []):
            if item["Size"] or not item["Key"].endswith("/"):
                counts["files in the drop box"] += 1
                counts[f"files {_LATE}"] += item["LastModified"] < limit
    return counts


def _alarms(stack: Stack) -> list[dict[str, Any]]:
    names = stack.resources("AWS::CloudWatch::Alarm")
    alarms: list[dict[str, Any]] = stack.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]
    return alarms


def _messages(stack: Stack, output: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = stack.client("sqs").get_queue_attributes(QueueUrl=stack.output(output), AttributeNames=names)
    return sum(int(attributes["Attributes"][name]) for name in names)
