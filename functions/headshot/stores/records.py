"""The records, in DynamoDB: one item per user, a record or a tombstone.

An erasure leaves a tombstone. Publishing reads it until the identity provider has confirmed the erasure; then only its
history is left, which DynamoDB deletes after a while. For everything else, a user with a tombstone has no record.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Self

from headshot import clock, urls
from headshot.history import Change
from headshot.problems import UploadConflict
from headshot.record import SCHEMA, Entry, Published, Record, Tombstone
from headshot.stores.attributes import to_item
from headshot.stores.aws import CONDITION_FAILED, client, none_if, store_errors
from headshot.stores.items import entry_of, item_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_DAY = 24 * 3600


class RecordStore:
    """Stores one record per user. Every method raises StoreUnavailable if DynamoDB fails.

    Methods that read raise RecordTooNew, which is a StoreUnavailable, if a later version has written the item.

    An erasure waits for the identity provider's confirmation if `tombstones` is true, and is confirmed at once if not.
    Its history is kept for `kept_days`. A record or tombstone is *current* until another one takes its place; setting
    its `published` state does not change that.
    """

    def __init__(self, table: str, client: "DynamoDBClient", *, tombstones: bool = False, kept_days: int = 30) -> None:
        self._table = table
        self._dynamodb = client
        self._tombstones = tombstones
        self._kept = kept_days * _DAY

    @classmethod
    def from_environment(cls) -> Self:
        """Open the table that the template names; erasures need a confirmation if there is an identity provider."""
        tombstones = os.environ.get("IDENTITY_PROVIDER", "None") != "None"
        kept_days = int(os.environ.get("LOG_RETENTION_DAYS") or 30)  # unset by `sam local` and by some tests
        return cls(os.environ["RECORDS_TABLE"], client("dynamodb"), tombstones=tombstones, kept_days=kept_days)

    def find(self, user_id: str) -> Record | None:
        """Return a user's record, or None. The read is strongly consistent."""
        entry = self.entry(user_id)
        return entry if isinstance(entry, Record) else None

    def entry(self, user_id: str) -> Entry | None:
        """Return a user's record or tombstone, or None. The read is strongly consistent."""
        item = self._item(user_id)
        return entry_of(item) if item else None

    def exists(self, user_id: str) -> bool:
        """Return whether the user has a record or an unconfirmed tombstone, readable or not."""
        item = self._item(user_id)
        return item is not None and "expires_at" not in item

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
        item = item_of(record)
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
        if isinstance(entry, Tombstone):
            condition += " AND attribute_not_exists(expires_at)"  # nothing is left to do about a confirmed one
        values[":published"] = asdict(published)
        change = "SET published = :published"
        if entry.identity_id is not None:
            values[":identity_id"] = entry.identity_id
            change += ", identity_id = :identity_id"
        return self._update_if(condition, values, entry.user_id, UpdateExpression=f"{change} REMOVE pending")

    def page(self, start_after: str | None, limit: int) -> tuple[list[Entry], str | None]:
        """Return up to `limit` records and tombstones after a user id, and where the next page starts, None at the end.

        Confirmed tombstones are left out. The order is DynamoDB's own. A page may be empty although others follow.
        """
        start: Any = {"ExclusiveStartKey": _key(start_after)} if start_after else {}
        with store_errors():
            found = self._dynamodb.scan(TableName=self._table, Limit=limit, ConsistentRead=True, **start)
        last, entries = found.get("LastEvaluatedKey"), map(entry_of, found["Items"])
        unfinished = [entry for entry in entries if isinstance(entry, Record) or not entry.is_confirmed]
        return unfinished, last["user_id"]["S"] if last else None

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
        last, entries = found.get("LastEvaluatedKey"), map(entry_of, found["Items"])
        return [entry for entry in entries if isinstance(entry, Record)], last["user_id"]["S"] if last else None

    def erase(self, user_id: str, correlation_id: str | None = None, principal: str | None = None) -> bool:
        """Erase a user's record. Return False if there was none, or if it changed at the same moment.

        The tombstone gets `correlation_id`, and `principal` as the caller who erased the user.
        """
        entry = self.entry(user_id)
        if isinstance(entry, Tombstone) and not (self._tombstones or entry.is_confirmed):
            self.confirm_erasure(entry)  # the stack once had an identity provider
        if not isinstance(entry, Record):
            return False
        return self.erase_if_current(replace(entry, correlation_id=correlation_id), principal)

    def erase_if_current(self, record: Record, principal: str | None = None) -> bool:
        """Erase `record` and return True, or return False if it is not current.

        The tombstone gets the correlation id of `record`. `principal` is who erased the user, None if unknown.
        """
        erasure = Change(clock.now(), "erased", "api", principal, correlation_id=record.correlation_id)
        tombstone = Tombstone(record.user_id, erasure.at, history=(erasure,))
        if not self._tombstones or record.user_id == urls.DEFAULT_USER:
            return self._confirm(record, tombstone)
        # An update rather than a put: publish may add the identity id at any moment.
        condition, values = _is_current(record)
        changed = {
            "schema": SCHEMA,
            "erased": tombstone.erased,
            "history": [asdict(erasure)],
            "correlation_id": record.correlation_id,
            "pending": True,
        }
        gone = sorted(item_of(record).keys() - changed.keys() - {"user_id", "identity_id"})
        sets = ", ".join(f"#{name} = :{name}" for name in changed)
        return self._update_if(
            condition,
            values | {f":{name}": value for name, value in changed.items()},
            record.user_id,
            UpdateExpression=f"SET {sets} REMOVE {', '.join(f'#{name}' for name in gone)}",
            ExpressionAttributeNames={f"#{name}": name for name in (*changed, *gone)},
        )

    def confirm_erasure(self, tombstone: Tombstone) -> bool:
        """Reduce `tombstone` to its history. Return False if another record or tombstone has taken its place.

        If nothing is stored for the user, this stores nothing and returns True.
        """
        return self._confirm(tombstone, tombstone) or self.entry(tombstone.user_id) is None

    def _confirm(self, current: Entry, tombstone: Tombstone) -> bool:
        """Store `tombstone` as confirmed in place of `current`, and return whether that was current."""
        item = {
            "user_id": tombstone.user_id,
            "schema": SCHEMA,
            "erased": tombstone.erased,
            "history": [asdict(change) for change in tombstone.history],
            "expires_at": tombstone.expires_at or int(time.time()) + self._kept,
        }
        condition, values = _is_current(current)
        stored = none_if(
            {CONDITION_FAILED},
            self._dynamodb.put_item,
            TableName=self._table,
            Item=to_item(item),
            ConditionExpression=condition,
            ExpressionAttributeValues=to_item(values),
        )
        return stored is not None

    def _item(self, user_id: str) -> Any:
        with store_errors():
            found = self._dynamodb.get_item(TableName=self._table, Key=_key(user_id), ConsistentRead=True)
        return found.get("Item")

    def _update_if(self, condition: str, values: Mapping[str, Any], user_id: str, **parameters: Any) -> bool:
        """Update a user's item if `condition` is true, and return whether it was."""
        done = none_if(
            {CONDITION_FAILED},
            self._dynamodb.update_item,
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
