"""The items of the records' table, as DynamoDB holds them."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, TypeVar

from headshot import scim
from headshot.history import Change, History
from headshot.problems import RecordTooNew
from headshot.record import SCHEMA, Entry, Published, Record, Tombstone
from headshot.stores.attributes import from_item, to_item

E = TypeVar("E", Record, Tombstone, Change)


def item_of(record: Record) -> Any:
    """Return the item of a record, with the SCIM attribute for anyone who reads the table or its stream.

    `pending` is set until the first attempt to publish: the stream's filter in template.yaml looks for it.
    """
    return to_item(asdict(record) | {"schema": SCHEMA, "scim": scim.photos(record.url), "pending": True})


def entry_of(item: Any) -> Entry:
    """Return the record or tombstone in an item. Raise RecordTooNew if a later version has written it."""
    stored = from_item(item)
    if stored.get("schema", 1) > SCHEMA:
        raise RecordTooNew
    if published := stored.get("published"):
        stored["published"] = Published(**published)
    stored["history"] = _history(stored)
    if "erased" in stored:
        return _of(Tombstone, stored)
    return _of(Record, stored)


def _history(stored: Mapping[str, Any]) -> History:
    """Return the history. Items of earlier versions have none; then it is the last change, as far as it is known."""
    if "history" in stored:
        return tuple(_of(Change, change) for change in stored["history"])
    correlation_id = stored.get("correlation_id")
    if "erased" in stored:
        return (Change(stored["erased"], "erased", correlation_id=correlation_id),)
    return (Change(stored["updated"], "set", None, stored["principal"], stored["version"], correlation_id),)


def _of(kind: type[E], stored: Mapping[str, Any]) -> E:
    """Make a dataclass of the fields that it knows."""
    return kind(**{field.name: stored[field.name] for field in fields(kind) if field.name in stored})
