"""What became of files in the drop box, in DynamoDB: one item an upload, kept for a month."""

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, Self

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from headshot.stores.aws import CLIENT_CONFIG, error_code, store_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEPT_SECONDS = 30 * 24 * 3600

UploadStatus = Literal["waiting", "accepted", "rejected"]


@dataclass(frozen=True, slots=True)
class Upload:
    """What became of an upload.

    `file` is the name of a file in the drop box, None for a form's. `principal` is the ARN of the caller that asked for
    the form, None for any other file. `url` is the photo's if it was accepted, `code` and
    `detail` tell why it was rejected. `at` is as in RFC 3339, UTC.
    """

    user_id: str
    upload_id: str
    status: UploadStatus
    at: str
    file: str | None = None
    principal: str | None = None
    url: str | None = None
    code: str | None = None
    detail: str | None = None


class UploadStore:
    """Keeps uploads. Every method raises StoreUnavailable when DynamoDB fails."""

    def __init__(self, table: str, client: "DynamoDBClient") -> None:
        self._table = table
        self._dynamodb = client

    @classmethod
    def from_environment(cls) -> Self:
        """Open the table that the template names."""
        return cls(os.environ["UPLOADS_TABLE"], boto3.client("dynamodb", config=CLIENT_CONFIG))

    def put(self, upload: Upload) -> None:
        """Write down an outcome in place of what was known of the upload."""
        with store_errors():
            self._dynamodb.put_item(TableName=self._table, Item=_item(upload))

    def claim(self, user_id: str, upload_id: str, s3_version_id: str) -> Upload | None:
        """Reserve a waiting upload for one S3 version of its file, and return the upload.

        Return None if its form was used for another S3 version, or if its user was erased. For the same one it is
        returned again, settled or not, so that a retry can finish what broke off.
        """
        claimed = self._unless_rejected(
            self._dynamodb.update_item,
            Key=_key(user_id, upload_id),
            UpdateExpression="SET s3_version_id = :own",
            ConditionExpression="s3_version_id = :own OR (#status = :waiting AND attribute_not_exists(s3_version_id))",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={":own": {"S": s3_version_id}, ":waiting": {"S": "waiting"}},
            ReturnValues="ALL_NEW",
        )
        return next(_uploads([claimed["Attributes"]])) if claimed else None

    def settle(self, upload: Upload, s3_version_id: str) -> bool:
        """Write down the outcome of a claimed upload. Return False if its user was erased meanwhile."""
        item = _item(upload) | {"s3_version_id": {"S": s3_version_id}}
        written = self._unless_rejected(
            self._dynamodb.put_item, Item=item, ConditionExpression="attribute_exists(user_id)"
        )
        return written is not None

    def find(self, user_id: str, upload_id: str) -> Upload | None:
        """Give what is known of an upload, or None."""
        key = _key(user_id, upload_id)
        with store_errors():
            item = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return next(_uploads([item]), None) if item else None

    def of_user(self, user_id: str) -> list[Upload]:
        """Give what is known of a user's uploads, the newest first."""
        with store_errors():
            pages = self._dynamodb.get_paginator("query").paginate(
                TableName=self._table,
                ConsistentRead=True,
                KeyConditionExpression="user_id = :user",
                ExpressionAttributeValues={":user": {"S": user_id}},
            )
            items = [item for page in pages for item in page["Items"]]
        return sorted(_uploads(items), key=lambda upload: upload.at, reverse=True)

    def page(self, status: str | None, start_after: str | None) -> tuple[list[Upload], str | None]:
        """Give some uploads of everybody's, those of one status if asked for, and where the next page starts.

        A page may be empty and others follow: what tells the end is that the second value is None.
        """
        options: Any = {}
        if status:
            options = {
                "FilterExpression": "#status = :status",
                "ExpressionAttributeNames": {"#status": "status"},
                "ExpressionAttributeValues": {":status": {"S": status}},
            }
        if start_after:
            user_id, _, upload_id = start_after.partition("/")
            options["ExclusiveStartKey"] = _key(user_id, upload_id)
        with store_errors():
            found = self._dynamodb.scan(TableName=self._table, **options)
        last = found.get("LastEvaluatedKey")
        return list(_uploads(found["Items"])), f"{last['user_id']['S']}/{last['upload_id']['S']}" if last else None

    def erase(self, user_id: str) -> int:
        """Delete all uploads of a user, and return how many there were."""
        uploads = self.of_user(user_id)
        for upload in uploads:
            with store_errors():
                self._dynamodb.delete_item(TableName=self._table, Key=_key(user_id, upload.upload_id))
        return len(uploads)

    def _unless_rejected(self, operation: Any, **parameters: Any) -> Any:
        """Apply `operation` and return its answer, or None if its condition does not hold."""
        with store_errors():
            try:
                return operation(TableName=self._table, **parameters)
            except ClientError as error:
                if error_code(error) != "ConditionalCheckFailedException":
                    raise
                return None


def _key(user_id: str, upload_id: str) -> Any:
    return {"user_id": {"S": user_id}, "upload_id": {"S": upload_id}}


def _item(upload: Upload) -> Any:
    values = asdict(upload) | {"expires_at": int(time.time()) + _KEPT_SECONDS}
    return TypeSerializer().serialize(values)["M"]


def _uploads(items: Iterable[Any]) -> Iterator[Upload]:
    names = [field.name for field in fields(Upload)]
    for item in items:
        stored = TypeDeserializer().deserialize({"M": item})
        yield Upload(**{name: stored[name] for name in names if name in stored})
