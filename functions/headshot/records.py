"""The records, in DynamoDB: for each user which photo is current, since when, by whom."""

import os
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, Self

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from headshot import scim
from headshot.aws import CLIENT_CONFIG, error_code, store_errors
from headshot.problems import UploadConflict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


PublishedState = Literal["published", "retrying", "failed"]


@dataclass(frozen=True, slots=True)
class Published:
    """How the photo's URL fares at the identity provider.

    `at` is when it was last tried, as in RFC 3339, `attempts` how often it was; `error` is what the vendor had against
    it and what an administrator can do, None once it is published.
    """

    state: PublishedState
    at: str
    attempts: int
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a user's current photo.

    `version` names the picture, `s3_version_id` the S3 version that holds it. Sides are in pixels, `bytes` is the
    picture's size, times are UTC as in RFC 3339; `created` is when the user's first photo came, `updated` when this one
    did. `principal` is the ARN of the caller that uploaded it. `published` is None until the identity provider was
    tried.
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
    published: Published | None = None

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
                found = self.find(record.user_id)
                if found is None or found.s3_version_id != record.s3_version_id:
                    raise UploadConflict(
                        "The user's photo was changed by another request at the same moment, and that change stands."
                        " Send this one again if it is to replace it."
                    ) from error

    def mark(self, record: Record, published: Published) -> bool:
        """Write down how `record` fares at the identity provider, if it still stands, and tell whether it does."""
        return self._if_stands(
            record,
            self._dynamodb.update_item,
            UpdateExpression="SET published = :published REMOVE pending",
            ExpressionAttributeValues={":published": TypeSerializer().serialize(asdict(published))},
        )

    def page(self, start_after: str | None, limit: int) -> tuple[list[Record], str | None]:
        """Give some records, at most `limit`, and the user id after which the next page starts, None at the end."""
        start: Any = {"ExclusiveStartKey": _key(start_after)} if start_after else {}
        with store_errors():
            found = self._dynamodb.scan(TableName=self._table, Limit=limit, ConsistentRead=True, **start)
        last = found.get("LastEvaluatedKey")
        return [_record(item) for item in found["Items"]], last["user_id"]["S"] if last else None

    def delete(self, user_id: str) -> None:
        """Delete a user's record, if there is one."""
        with store_errors():
            self._dynamodb.delete_item(TableName=self._table, Key=_key(user_id))

    def withdraw(self, record: Record) -> bool:
        """Delete `record` if it still stands, and tell whether it did."""
        return self._if_stands(record, self._dynamodb.delete_item)

    def _if_stands(self, record: Record, operation: Any, **parameters: Any) -> bool:
        """Apply `operation` to `record` unless another has taken its place, and tell whether it was applied."""
        values = {":own": {"S": record.s3_version_id}} | parameters.pop("ExpressionAttributeValues", {})
        with store_errors():
            try:
                operation(
                    TableName=self._table,
                    Key=_key(record.user_id),
                    ConditionExpression="s3_version_id = :own",
                    ExpressionAttributeValues=values,
                    **parameters,
                )
            except ClientError as error:
                if error_code(error) != "ConditionalCheckFailedException":
                    raise
                return False
        return True


def _key(user_id: str) -> Any:
    return {"user_id": {"S": user_id}}


def _item(record: Record) -> Any:
    """Give the item, SCIM attribute included: whoever reads the table or its stream finds it whole.

    It is `pending` until the identity provider was tried: that is what the stream is filtered by.
    """
    values = asdict(record) | {"scim": scim.photos(record.url), "pending": True}
    return TypeSerializer().serialize(values)["M"]


def _record(item: Any) -> Record:
    stored = TypeDeserializer().deserialize({"M": item})
    numbers = {name: int(stored[name]) for name in ("width", "height", "bytes")}  # they come back as Decimal
    published = stored.get("published")
    if published:
        published = Published(**published | {"attempts": int(published["attempts"])})
    known = {field.name: stored[field.name] for field in fields(Record) if field.name in stored}
    return Record(**known | numbers | {"published": published})
