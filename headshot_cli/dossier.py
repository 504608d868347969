"""Collects everything that the stack holds about one person (GDPR article 15)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from headshot.file import split
from headshot_cli.output import writing
from headshot_cli.stack import Stack

INDEX = "index.json"

_QUEUES = ("IngestDeadLetterQueue", "PublishDeadLetterQueue")
_HIDDEN = 30  # seconds for which messages are hidden from others while they are read


@dataclass(frozen=True, slots=True)
class Dossier:
    """What is held: the item of the record, those of the uploads, dead letters, and the S3 versions of files."""

    record: dict[str, Any] | None
    uploads: list[dict[str, Any]]
    dead_letters: list[str]
    files: list[dict[str, Any]]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is held."""
        return not (self.record or self.uploads or self.dead_letters or self.files)


def export(stack: Stack, user_id: str, folder: Path) -> Dossier:
    """Write everything about a user to `folder`: each S3 version of a photo or file, and `index.json` with the rest.

    The tables and the bucket are read directly, because the API returns only what its callers need. Nothing is written
    if nothing is held. Raise StackError if a file cannot be written.
    """
    dossier = Dossier(_record(stack, user_id), _uploads(stack, user_id), _dead_letters(stack, user_id), [])
    s3, bucket = stack.client("s3"), stack.output("PhotosBucket")
    for version in _versions(s3, bucket, user_id):
        number, (prefix, _, name) = len(dossier.files) + 1, version["Key"].partition("/")
        # Numbered: a name in the drop box may be anything, even a path out of the folder.
        ending = ".jpg" if prefix in {"photos", "superseded"} else Path(name).suffix
        file = folder / f"{number}-{prefix}{ending if ending[1:].isalnum() else ''}"
        found = s3.get_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
        _write(file, found["Body"].read())
        dossier.files.append(
            {
                "file": file.name,
                "key": version["Key"],
                "s3_version_id": version["VersionId"],
                "stored": version["LastModified"].isoformat(),
                "bytes": version["Size"],
            }
        )
    if not dossier.is_empty:
        held = {
            "user_id": user_id,
            "record": dossier.record,
            "uploads": dossier.uploads,
            "files": dossier.files,
            "dead_letters": dossier.dead_letters,
        }
        _write(folder / INDEX, json.dumps(held, ensure_ascii=False, indent=2, default=int).encode())  # Decimal
    return dossier


def _write(file: Path, data: bytes) -> None:
    with writing(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def _record(stack: Stack, user_id: str) -> dict[str, Any] | None:
    """Return the item of the record or tombstone, with all internal fields."""
    table, key = stack.output("RecordsTable"), {"user_id": {"S": user_id}}
    item = stack.client("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
    return _plain(item) if item else None


def _uploads(stack: Stack, user_id: str) -> list[dict[str, Any]]:
    """Return the items of the uploads. Their table is the stack's other one."""
    [table] = [name for name in stack.resources("AWS::DynamoDB::Table") if name != stack.output("RecordsTable")]
    pages = (
        stack.client("dynamodb")
        .get_paginator("query")
        .paginate(
            TableName=table,
            ConsistentRead=True,
            KeyConditionExpression="user_id = :user",
            ExpressionAttributeValues={":user": {"S": user_id}},
        )
    )
    return [_plain(item) for page in pages for item in page["Items"]]


def _plain(item: Any) -> dict[str, Any]:
    values: dict[str, Any] = TypeDeserializer().deserialize({"M": item})
    return values


def _versions(s3: Any, bucket: str, user_id: str) -> Iterator[dict[str, Any]]:
    """Yield the S3 versions of the user's photos and of the files named after the user."""
    folders = product(("photos/", "superseded/"), ("/",))
    for prefix, ending in [*folders, *product(("dropbox/", "rejected/"), ("",))]:
        pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=f"{prefix}{user_id}{ending}")
        for page in pages:
            for version in page.get("Versions", []):
                if split(version["Key"].removeprefix(prefix))[0] == user_id:
                    yield version


def _dead_letters(stack: Stack, user_id: str) -> list[str]:
    """Return the messages about the user in the dead-letter queues, as far as SQS lets them be read."""
    sqs, found = stack.client("sqs"), []
    for queue in filter(stack.has, _QUEUES):
        url, messages = stack.output(queue), []
        options = {"QueueUrl": url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1, "VisibilityTimeout": _HIDDEN}
        while received := sqs.receive_message(**options).get("Messages"):
            messages += received
        for message in messages:
            sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0)
        found += [message["Body"] for message in messages if _is_about(message["Body"], user_id)]
    return found


def _is_about(body: str, user_id: str) -> bool:
    try:
        message = json.loads(body)
        if "user_id" in message:
            return bool(message["user_id"] == user_id)
        return split(message["detail"]["object"]["key"].removeprefix("dropbox/"))[0] == user_id
    except (ValueError, TypeError, KeyError, AttributeError):
        return False
