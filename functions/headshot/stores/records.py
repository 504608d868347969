"""The records, in DynamoDB: for each user which photo is current, since when, by whom.

Of an erased user a tombstone stays under the same key until the identity provider has confirmed the erasure. For
everybody but publish, a tombstone is no record.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

import boto3
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from headshot import scim, urls
from headshot.problems import UploadConflict
from headshot.stores.aws import CLIENT_CONFIG, error_code, store_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


PublishedStatus = Literal["published", "retrying", "waiting", "failed"]
PublishedFilter = Literal[PublishedStatus, "untried"]

_CHANGED = "ConditionalCheckFailedException"


@dataclass(frozen=True, slots=True)
class Published:
    """How the photo's URL fares at the identity provider; it is `waiting` until an account of that name appears there.

    `at` is when it was last tried, as in RFC 3339, `attempts` how often it was; `error` is what the vendor had against
    it and what an administrator can do, None once it is published.
    """

    status: PublishedStatus
    at: str
    attempts: int
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a user's current photo.

    `version` names the picture, `s3_version_id` the S3 version that holds it. Sides are in pixels, `bytes` is the
    picture's size, times are UTC as in RFC 3339; `created` is when the user's first photo came, `updated` when this one
    did. `principal` is the ARN of the caller that uploaded it. `published` is None until the identity provider was
    tried, and `identity_id`, the identity provider's own immutable id for the user, until it has been found there.
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
    identity_id: str | None = None

    def public(self) -> dict[str, Any]:
        """Return what a caller may see, with the SCIM attribute ready to hand on."""
        shown = asdict(self) | {"scim": scim.photos(self.url)}
        del shown["s3_version_id"], shown["identity_id"]
        return shown


@dataclass(frozen=True, slots=True)
class Tombstone:
    """An erasure that the identity provider has not confirmed yet: ids and times, nothing else.

    `published` is how it fares there, None until it was tried.
    """

    user_id: str
    erased: str
    identity_id: str | None = None
    published: Published | None = None


Entry = Record | Tombstone
E = TypeVar("E", Record, Tombstone)


class RecordStore:
    """Keeps one record a user. Every method raises StoreUnavailable when DynamoDB fails.

    With `tombstones`, what is erased leaves one behind.
    """

    def __init__(self, table: str, client: "DynamoDBClient", *, tombstones: bool = False) -> None:
        self._table = table
        self._dynamodb = client
        self._tombstones = tombstones

    @classmethod
    def from_environment(cls) -> Self:
        """Open the table that the template names. Tombstones are for the identity provider, if there is one."""
        tombstones = os.environ.get("IDENTITY_PROVIDER", "None") != "None"
        client = boto3.client("dynamodb", config=CLIENT_CONFIG)
        return cls(os.environ["RECORDS_TABLE"], client, tombstones=tombstones)

    def find(self, user_id: str) -> Record | None:
        """Return a user's record as it is this moment, or None."""
        entry = self.read(user_id)
        return entry if isinstance(entry, Record) else None

    def read(self, user_id: str) -> Entry | None:
        """Return a user's record or tombstone as it is this moment, or None."""
        with store_errors():
            item = self._dynamodb.get_item(TableName=self._table, Key=_key(user_id), ConsistentRead=True).get("Item")
        return _entry(item) if item else None

    def exists(self, user_id: str) -> bool:
        """Whether the table holds anything of a user at this moment."""
        with store_errors():
            found = self._dynamodb.get_item(TableName=self._table, Key=_key(user_id), ConsistentRead=True)
        return "Item" in found

    def replace(self, current: Record | None, record: Record) -> None:
        """Put `record` in the place of `current`, which the caller has read before; None stands for a tombstone, too.

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
            else {"ConditionExpression": "attribute_not_exists(user_id) OR attribute_exists(erased)"}
        )
        with store_errors():
            try:
                self._dynamodb.put_item(TableName=self._table, Item=_item(record), **condition)
            except ClientError as error:
                if error_code(error) != _CHANGED:
                    raise
                # boto3 repeats a request whose answer got lost, and the repetition then meets our own record.
                found = self.find(record.user_id)
                if found is None or found.s3_version_id != record.s3_version_id:
                    raise UploadConflict(
                        "The user's photo was changed by another request at the same moment, and that change stands."
                        " Send this one again if it is to replace it."
                    ) from error

    def mark(self, entry: Entry, published: Published) -> bool:
        """Store how `entry` fares at the identity provider, and its id there; return False if it stands no more."""
        change, values = "SET published = :published", dict[str, Any]({":published": asdict(published)})
        if entry.identity_id is not None:
            change, values = f"{change}, identity_id = :identity_id", values | {":identity_id": entry.identity_id}
        condition, own = _stands(entry)
        return self._if(condition, own | values, self._update, entry.user_id, f"{change} REMOVE pending")

    def page(self, start_after: str | None, limit: int) -> tuple[list[Entry], str | None]:
        """Return at most `limit` records and tombstones, and the user id to go on after, None at the end."""
        start: Any = {"ExclusiveStartKey": _key(start_after)} if start_after else {}
        with store_errors():
            found = self._dynamodb.scan(TableName=self._table, Limit=limit, ConsistentRead=True, **start)
        last = found.get("LastEvaluatedKey")
        return [_entry(item) for item in found["Items"]], last["user_id"]["S"] if last else None

    def search(self, published: str | None, start_after: str | None) -> tuple[list[Record], str | None]:
        """Return one page of the users' records, and the user id after which the next page starts, None at the end.

        With `published`, a PublishedFilter, return only records with that status. Tombstones and the neutral photo's
        record are left out. A page may be empty although others follow.
        """
        condition = "attribute_not_exists(erased) AND user_id <> :default"
        values: dict[str, Any] = {":default": {"S": urls.DEFAULT_USER}}
        options: Any = {"ExclusiveStartKey": _key(start_after)} if start_after else {}
        if published == "untried":
            condition, values = f"{condition} AND published = :null", values | {":null": {"NULL": True}}
        elif published:
            condition, values = f"{condition} AND published.#status = :status", values | {":status": {"S": published}}
            options["ExpressionAttributeNames"] = {"#status": "status"}  # a reserved word
        with store_errors():
            found = self._dynamodb.scan(
                TableName=self._table,
                ConsistentRead=True,
                FilterExpression=condition,
                ExpressionAttributeValues=values,
                **options,
            )
        last, entries = found.get("LastEvaluatedKey"), map(_entry, found["Items"])
        return [entry for entry in entries if isinstance(entry, Record)], last["user_id"]["S"] if last else None

    def erase(self, user_id: str) -> bool:
        """Take away a user's record, and return whether there was one. False, too, if it has changed meanwhile."""
        entry = self.read(user_id)
        if isinstance(entry, Tombstone) and not self._tombstones:  # from a time with an identity provider
            self.forget(entry)
        return isinstance(entry, Record) and self.withdraw(entry)

    def withdraw(self, record: Record) -> bool:
        """Take away `record` if it still stands, and return whether it did."""
        condition, own = _stands(record)
        if not self._tombstones or record.user_id == urls.DEFAULT_USER:
            return self._if(condition, own, self._delete, record.user_id)
        # An update, since publish may add the identity provider's id at any moment.
        gone = sorted(_item(record).keys() - {"user_id", "identity_id", "pending"})
        names = {f"#{name}": name for name in gone}
        change = f"SET erased = :erased, pending = :pending REMOVE {', '.join(names)}"
        values = own | {":erased": _now(), ":pending": True}
        return self._if(condition, values, self._update, record.user_id, change, ExpressionAttributeNames=names)

    def forget(self, tombstone: Tombstone) -> bool:
        """Delete a tombstone, and return whether nothing stands in its place now."""
        condition, own = _stands(tombstone)
        return self._if(f"attribute_not_exists(user_id) OR {condition}", own, self._delete, tombstone.user_id)

    def _update(self, user_id: str, change: str, **parameters: Any) -> None:
        self._dynamodb.update_item(TableName=self._table, Key=_key(user_id), UpdateExpression=change, **parameters)

    def _delete(self, user_id: str, **parameters: Any) -> None:
        self._dynamodb.delete_item(TableName=self._table, Key=_key(user_id), **parameters)

    def _if(
        self, condition: str, values: Mapping[str, Any], operation: Callable[..., None], *args: str, **parameters: Any
    ) -> bool:
        """Apply `operation` if `condition` holds of the item, and return whether it did."""
        serialized = TypeSerializer().serialize(values)["M"]
        with store_errors():
            try:
                operation(*args, ConditionExpression=condition, ExpressionAttributeValues=serialized, **parameters)
            except ClientError as error:
                if error_code(error) != _CHANGED:
                    raise
                return False
        return True


def _stands(entry: Entry) -> tuple[str, dict[str, Any]]:
    """Return the condition that holds as long as no other record or tombstone has taken the entry's place."""
    if isinstance(entry, Record):
        return "s3_version_id = :own", {":own": entry.s3_version_id}
    return "erased = :own", {":own": entry.erased}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _key(user_id: str) -> Any:
    return {"user_id": {"S": user_id}}


def _item(record: Record) -> Any:
    """Return the item, SCIM attribute included: whoever reads the table or its stream finds it whole.

    It is `pending` until the identity provider was tried: that is what the stream is filtered by.
    """
    values = asdict(record) | {"scim": scim.photos(record.url), "pending": True}
    return TypeSerializer().serialize(values)["M"]


def _entry(item: Any) -> Entry:
    stored = TypeDeserializer().deserialize({"M": item})
    if published := stored.get("published"):
        stored["published"] = Published(**published | {"attempts": int(published["attempts"])})
    if "erased" in stored:
        return _of(Tombstone, stored)
    numbers = {name: int(stored[name]) for name in ("width", "height", "bytes")}  # they come back as Decimal
    return _of(Record, stored | numbers)


def _of(kind: type[E], stored: Mapping[str, Any]) -> E:
    return kind(**{field.name: stored[field.name] for field in fields(kind) if field.name in stored})
