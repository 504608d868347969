"""What the stack knows of people: their records, and how it fares as a whole."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from boto3.dynamodb.types import TypeDeserializer

from admin import topics
from admin.api import Api
from admin.sources import Candidate
from admin.stack import Stack

_QUEUES = {
    "IngestQueue": "files waiting",
    "IngestDeadLetterQueue": "files given up",
    "PublishQueue": "photos waiting to be published",
    "DeadLetterQueue": "photos given up",
}


def records(stack: Stack) -> Iterator[dict[str, Any]]:
    """Give every record, as a line of a list: who, since when, and how it fares at the identity provider."""
    pages = stack.client("dynamodb").get_paginator("scan").paginate(TableName=stack.output("RecordsTable"))
    for page in pages:
        for item in page["Items"]:
            if "erased" in item:  # a tombstone
                continue
            record = TypeDeserializer().deserialize({"M": item})
            published = record.get("published") or {"state": "not tried", "error": None}
            yield {
                "user_id": record["user_id"],
                "updated": record["updated"],
                "published": published["state"],
                "url": record["url"],
                "error": published["error"],
            }


def without_photo(stack: Stack, candidates: Iterable[Candidate]) -> Iterator[dict[str, Any]]:
    """Yield those of whom a source knows and there is no record, each once."""
    seen = {record["user_id"] for record in records(stack)} | {""}
    for candidate in candidates:
        if candidate.user_id not in seen:
            seen.add(candidate.user_id)
            yield {"user_id": candidate.user_id, "name": candidate.name}


def refused(api: Api) -> Iterator[dict[str, Any]]:
    """Give every file in the drop box that was refused within the last month, with the reason."""
    path = start = "/uploads?state=refused"
    while path:
        page = api.call("GET", path)
        for outcome in page["uploads"]:
            yield {name: outcome[name] for name in ("user_id", "file", "upload_id", "at", "code", "detail")}
        start_after = page["start_after"]
        path = f"{start}&start_after={quote(start_after, safe='')}" if start_after else ""


def status(stack: Stack) -> dict[str, Any]:
    """Return counts of records by their state at the identity provider and of messages in each queue, and the alarms.

    `alarms` says which of them are in alarm, `silent alarms` why some would reach nobody.
    """
    states = Counter(record["published"] for record in records(stack))
    found: dict[str, Any] = {"photos": states.total()} | {f"photos {state}": states[state] for state in sorted(states)}
    for output, name in _QUEUES.items():
        if stack.has(output):
            found[name] = _messages(stack, output)
    alarms = _alarms(stack)
    found["alarms"] = [alarm["AlarmDescription"] for alarm in alarms if alarm["StateValue"] == "ALARM"]
    found["silent alarms"] = topics.obstacles(stack, alarms)
    return found


def is_healthy(found: dict[str, Any]) -> bool:
    """Whether no alarm sounds, none is silent, and nothing was given up."""
    return not any(count for name, count in found.items() if name.endswith(("alarms", "given up", "failed")))


def _alarms(stack: Stack) -> list[dict[str, Any]]:
    names = stack.resources("AWS::CloudWatch::Alarm")
    alarms: list[dict[str, Any]] = stack.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]
    return alarms


def _messages(stack: Stack, output: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = stack.client("sqs").get_queue_attributes(QueueUrl=stack.output(output), AttributeNames=names)
    return sum(int(attributes["Attributes"][name]) for name in names)
