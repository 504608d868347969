"""The records, in DynamoDB: one item per user, a record or a tombstone.

A tombstone is left by an erasure until the identity provider has confirmed it. Only publishing reads tombstones; for
everything else, a user with a tombstone has no record.
"""

import os
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any, Self, TypeVar

from headshot import clock, scim, urls
from headshot.problems import UploadConflict
from headshot.record import Entry, Published, Record, Tombstone
from headshot.stores.attributes import from_item, to_item
from headshot.stores.aws import CONDITION_FAILED, client, none_if, store_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

E = TypeVar("E", Record, Tombstone)


class RecordStore:
    """Stores one record per user. Every method raises StoreUnavailable if DynamoDB fails.

    An erased record leaves a tombstone if `tombstones` is true. A record or tombstone is *current* until another one
    takes its place; setting its `published` state does not change that.
    """

    def __init__(self, table: str, client: "DynamoDBClient", *, tombstones: bool = False) -> None:
        self._table = table
        self._dynamodb = client
        self._tombstones = tombstones

    @classmethod
    def from_environment(cls) -> Self:
        """Open the table that the template names, with tombstones if there is an identity provider."""
        tombstones = os.environ.get("IDENTITY_PROVIDER", "None") != "None"
        return cls(os.environ["RECORDS_TABLE"], client("dynamodb"), tombstones=tombstones)

    def find(self, user_id: str) -> Record | None:
        """Return a user's record, or None. The read is strongly consistent."""
        entry = self.entry(user_id)
        return entry if isinstance(entry, Record) else None

    def entry(self, user_id: str) -> Entry | None:
        """Return a user's record or tombstone, or None. The read is strongly consistent."""
        item = self._item(user_id)
        return _entry(item) if item else None

    def exists(self, user_id: str) -> bool:
        """Return whether the user has a record or tombstone, readable or not."""
        return self._item(user_id) is not None

    def replace(self, current: Record | None, record: Record) -> None:
        """Store `record` in place of `current`, the record that the caller has read; None if there was none.

        Raises
        ------
        UploadConflict
            If `current` is no longer current; nothing is written.
        """
        condition: Any = (
            {
                "ConditionExpression": "s3_version_id = :current",
                "ExpressionAttributeValues": {":current": {"S": current.s3_version_id}},
            }
            if current
            else {"ConditionExpression": "attribute_not_exists(user_id) OR attribute_exists(erased)"}
        )
        item = _item(record)
        stored = none_if({CONDITION_FAILED}, self._dynamodb.put_item, TableName=self._table, Item=item, **condition)
        if stored is None:
            # boto3 repeats a request if the response is lost. The second one then finds our own record.
            found = self.find(record.user_id)
            if found is None or found.s3_version_id != record.s3_version_id:
                raise UploadConflict(
                    "Another request replaced the user's photo at the same moment. Send this one again to replace that"
                    " photo."
                )

    def mark(self, entry: Entry, published: Published) -> bool:
        """Store the `published` state of `entry`, and its `identity_id` if known; return False if it is not current."""
        condition, values = _is_current(entry)
        values[":published"] = asdict(published)
        change = "SET published = :published"
        if entry.identity_id is not None:
            values[":identity_id"] = entry.identity_id
            change += ", identity_id = :identity_id"
        update = self._dynamodb.update_item
        return self._if(condition, values, update, entry.user_id, UpdateExpression=f"{change} REMOVE pending")

    def page(self, start_after: str | None, limit: int) -> tuple[list[Entry], str | None]:
        """Return up to `limit` records and tombstones after a user id, and where the next page starts, None at the end.

        The order is DynamoDB's own. A page may be empty although others follow.
        """
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

    def erase(self, user_id: str, correlation_id: str | None = None) -> bool:
        """Erase a user's record. Return False if there was none, or if it changed at the same moment.

        The tombstone gets `correlation_id`.
        """
        entry = self.entry(user_id)
        if isinstance(entry, Tombstone) and not self._tombstones:  # the stack once had an identity provider
            self.delete_tombstone(entry)
        return isinstance(entry, Record) and self.erase_if_current(replace(entry, correlation_id=correlation_id))

    def erase_if_current(self, record: Record) -> bool:
        """Erase `record` and return True, or return False if it is not current.

        The tombstone gets the correlation id of `record`.
        """
        condition, values = _is_current(record)
        if not self._tombstones or record.user_id == urls.DEFAULT_USER:
            return self._if(condition, values, self._dynamodb.delete_item, record.user_id)
        # An update rather than a put: publish may add the identity id at any moment.
        gone = sorted(_item(record).keys() - {"user_id", "identity_id", "pending", "correlation_id"})
        names = {f"#{name}": name for name in gone}
        return self._if(
            condition,
            values | {":erased": clock.now(), ":pending": True, ":correlation_id": record.correlation_id},
            self._dynamodb.update_item,
            record.user_id,
            UpdateExpression=(
                f"SET erased = :erased, pending = :pending, correlation_id = :correlation_id REMOVE {', '.join(names)}"
            ),
            ExpressionAttributeNames=names,
        )

    def delete_tombstone(self, tombstone: Tombstone) -> bool:
        """Delete `tombstone` if it is current. Return False if another record or tombstone has taken its place."""
        condition, values = _is_current(tombstone)
        condition = f"attribute_not_exists(user_id) OR {condition}"
        return self._if(condition, values, self._dynamodb.delete_item, tombstone.user_id)

    def _item(self, user_id: str) -> Any:
        with store_errors():
            found = self._dynamodb.get_item(TableName=self._table, Key=_key(user_id), ConsistentRead=True)
        return found.get("Item")

    def _if(self, condition: str, values: Mapping[str, Any], operation: Any, user_id: str, **parameters: Any) -> bool:
        """Call `operation` on a user's item if `condition` is true, and return whether it was."""
        done = none_if(
            {CONDITION_FAILED},
            operation,
            TableName=self._table,
            Key=_key(user_id),
            ConditionExpression=condition,
            ExpressionAttributeValues=to_item(values),
            **parameters,
        )
        return done is not None


def _is_current(entry: Entry) -> tuple[str, dict[str, Any]]:
    """Return the condition that is true while `entry` is current, and its values."""
    if isinstance(entry, Record):
        return "s3_version_id = :own", {":own": entry.s3_version_id}
    return "erased = :own", {":own": entry.erased}


def _key(user_id: str) -> Any:
    return {"user_id": {"S": user_id}}


def _item(record: Record) -> Any:
    """Return the item of a record, with the SCIM attribute for anyone who reads the table or its stream.

    `pending` is set until the first attempt to publish: the stream's filter in template.yaml looks for it.
    """
    values = asdict(record) | {"scim": scim.photos(record.url), "pending": True}
    return to_item(values)


def _entry(item: Any) -> Entry:
    stored = from_item(item)
    if published := stored.get("published"):
        stored["published"] = Published(**published)
    if "erased" in stored:
        return _of(Tombstone, stored)
    return _of(Record, stored)


def _of(kind: type[E], stored: Mapping[str, Any]) -> E:
    """Make a dataclass of the fields that it knows."""
    return kind(**{field.name: stored[field.name] for field in fields(kind) if field.name in stored})
