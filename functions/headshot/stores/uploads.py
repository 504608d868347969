"""The uploads by way of the drop box, in DynamoDB: one item per upload, kept for a month."""

import os
import time
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, Self

from headshot.stores.attributes import from_item, to_item
from headshot.stores.aws import CONDITION_FAILED, client, none_if, store_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEPT_SECONDS = 30 * 24 * 3600

UploadStatus = Literal["waiting", "accepted", "rejected"]


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload and its status. `at` is the time of the status, as in `headshot.clock`.

    A file copied into the drop box has a `file`, its name there. An upload by form has a `principal`, the ARN of the
    caller that requested the form. An accepted upload has the photo's `url`, a rejected one the `code` and `detail` of
    a problem. `correlation_id` is that of the request for the form, or of the file's event.
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
    correlation_id: str | None = None

    def public(self) -> dict[str, Any]:
        """Return what callers may see."""
        shown = asdict(self)
        del shown["correlation_id"]
        return shown


class UploadStore:
    """Stores uploads. Every method raises StoreUnavailable if DynamoDB fails."""

    def __init__(self, table: str, client: "DynamoDBClient") -> None:
        self._table = table
        self._dynamodb = client

    @classmethod
    def from_environment(cls) -> Self:
        """Open the table that the template names."""
        return cls(os.environ["UPLOADS_TABLE"], client("dynamodb"))

    def put(self, upload: Upload) -> None:
        """Store an upload, new or known."""
        with store_errors():
            self._dynamodb.put_item(TableName=self._table, Item=_item(upload))

    def claim(self, user_id: str, upload_id: str, s3_version_id: str) -> Upload | None:
        """Reserve a waiting upload by form for one S3 version of its file, and return the upload.

        Claiming it again for the same S3 version returns it again, settled or not, so that a retry can finish. Return
        None if the form was used for another S3 version, or if the user was erased.
        """
        claimed = none_if(
            {CONDITION_FAILED},
            self._dynamodb.update_item,
            TableName=self._table,
            Key=_key(user_id, upload_id),
            UpdateExpression="SET s3_version_id = :own",
            ConditionExpression="s3_version_id = :own OR (#status = :waiting AND attribute_not_exists(s3_version_id))",
            ExpressionAttributeNames={"#status": "status"},
            ExpressionAttributeValues={":own": {"S": s3_version_id}, ":waiting": {"S": "waiting"}},
            ReturnValues="ALL_NEW",
        )
        return _upload(claimed["Attributes"]) if claimed else None

    def settle(self, upload: Upload, s3_version_id: str) -> bool:
        """Store the final status of a claimed upload. Return False if the user was erased in the meantime."""
        item = _item(upload) | {"s3_version_id": {"S": s3_version_id}}
        condition = "attribute_exists(user_id)"
        written = none_if(
            {CONDITION_FAILED},
            self._dynamodb.put_item,
            TableName=self._table,
            Item=item,
            ConditionExpression=condition,
        )
        return written is not None

    def find(self, user_id: str, upload_id: str) -> Upload | None:
        """Return an upload, or None."""
        key = _key(user_id, upload_id)
        with store_errors():
            item = self._dynamodb.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return _upload(item) if item else None

    def of_user(self, user_id: str) -> list[Upload]:
        """Return a user's uploads, the newest first."""
        with store_errors():
            pages = self._dynamodb.get_paginator("query").paginate(
                TableName=self._table,
                ConsistentRead=True,
                KeyConditionExpression="user_id = :user",
                ExpressionAttributeValues={":user": {"S": user_id}},
            )
            uploads = [_upload(item) for page in pages for item in page["Items"]]
        return sorted(uploads, key=lambda upload: upload.at, reverse=True)

    def page(self, status: str | None, start_after: str | None) -> tuple[list[Upload], str | None]:
        """Return a page of everyone's uploads, and where the next one starts, None at the end.

        With a `status`, return uploads of that status only. A page may be empty although others follow.
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
        following = f"{last['user_id']['S']}/{last['upload_id']['S']}" if last else None
        return [_upload(item) for item in found["Items"]], following

    def erase(self, user_id: str) -> int:
        """Delete a user's uploads, and return how many there were."""
        uploads = self.of_user(user_id)
        for upload in uploads:
            with store_errors():
                self._dynamodb.delete_item(TableName=self._table, Key=_key(user_id, upload.upload_id))
        return len(uploads)


def _key(user_id: str, upload_id: str) -> Any:
    return {"user_id": {"S": user_id}, "upload_id": {"S": upload_id}}


def _item(upload: Upload) -> Any:
    values = asdict(upload) | {"expires_at": int(time.time()) + _KEPT_SECONDS}
    return to_item(values)


def _upload(item: Any) -> Upload:
    stored = from_item(item)
    return Upload(**{field.name: stored[field.name] for field in fields(Upload) if field.name in stored})
