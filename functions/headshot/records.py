"""The records, in DynamoDB: for each user which photo is current, since when, by whom."""

import os
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Self

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from headshot import scim
from headshot.aws import CLIENT_CONFIG, error_code, store_errors
from headshot.problems import UploadConflict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a user's current photo.

    `version` names the picture, `s3_version_id` the S3 version that holds it. Sides are in pixels, `bytes` is the
    picture's size, times are UTC as in RFC 3339; `created` is when the user's first photo came, `updated` when this one
    did. `principal` is the ARN of the caller that uploaded it.
    """

    user_id: str
    url: str
    version: str
    s3_version_id: str
    width: int
    height: int
    bytes: int
    created: str
    updated: str
    principal: str

    def public(self) -> dict[str, Any]:
        """Give what a caller may see, with the SCIM attribute ready to hand on."""
        shown = asdict(self) | {"scim": scim.photos(self.url)}
        del shown["s3_version_id"]
        return shown


class RecordStore:
    """Keeps one record a user. Every method raises StoreUnavailable when DynamoDB fails."""

    def __init__(self, table: str, client: "DynamoDBClient") -> None:
        self._table = table
        self._dynamodb = client

    @classmethod
    def from_environment(cls) -> Self:
        """Open the table that the template names."""
        return cls(os.environ["RECORDS_TABLE"], boto3.client("dynamodb", config=CLIENT_CONFIG))

    def find(self, user_id: str) -> Record | None:
        """Give a user's record as it is this moment, or None."""
        with store_errors():
            item = self._dynamodb.get_item(TableName=self._table, Key=_key(user_id), ConsistentRead=True).get("Item")
        return _record(item) if item else None

    def replace(self, current: Record | None, record: Record) -> None:
        """Put `record` in the place of `current`, which the caller has read before.

        Raises
        ------
        UploadConflict
            If another record stands there by now; nothing is written.
        """
        condition: Any = (
            {
                "ConditionExpression": "s3_version_id = :current",
                "ExpressionAttributeValues": {":current": {"S": current.s3_version_id}},
            }
            if current
            else {"ConditionExpression": "attribute_not_exists(user_id)"}
        )
        with store_errors():
            try:
                self._dynamodb.put_item(TableName=self._table, Item=_item(record), **condition)
            except ClientError as error:
                if error_code(error) != "ConditionalCheckFailedException":
                    raise
                # boto3 repeats a request whose answer got lost, and the repetition then meets our own record.
                if self.find(record.user_id) != record:
                    raise UploadConflict(
                        "The user's photo was changed by another request at the same moment, and that change stands."
                        " Send this one again if it is to replace it."
                    ) from error

    def delete(self, user_id: str) -> None:
        """Delete a user's record, if there is one."""
        with store_errors():
            self._dynamodb.delete_item(TableName=self._table, Key=_key(user_id))

    def withdraw(self, record: Record) -> bool:
        """Delete `record` if it still stands, and tell whether it did."""
        with store_errors():
            try:
                self._dynamodb.delete_item(
                    TableName=self._table,
                    Key=_key(record.user_id),
                    ConditionExpression="s3_version_id = :own",
                    ExpressionAttributeValues={":own": {"S": record.s3_version_id}},
                )
            except ClientError as error:
                if error_code(error) != "ConditionalCheckFailedException":
                    raise
                return False
        return True


def _key(user_id: str) -> Any:
    return {"user_id": {"S": user_id}}


def _item(record: Record) -> Any:
    """Give the item, SCIM attribute included: whoever reads the table or its stream finds it whole."""
    return TypeSerializer().serialize(asdict(record) | {"scim": scim.photos(record.url)})["M"]


def _record(item: Any) -> Record:
    stored = TypeDeserializer().deserialize({"M": item})
    # Numbers come back as Decimal. That every field has a class for a type, its annotation cannot tell mypy.
    return Record(**{field.name: field.type(stored[field.name]) for field in fields(Record)})  # type: ignore[operator]
