"""RecordStore: what an erasure leaves until the identity provider has confirmed it."""

from dataclasses import asdict, replace
from unittest.mock import ANY

import pytest

from headshot.history import Change
from headshot.stores.attributes import to_item
from headshot.stores.items import item_of
from headshot.stores.records import RecordStore
from tests.unit.examples import ERASED, ERASURE, FAILED, RECORD, TOMBSTONE
from tests.unit.stores.stubs import stubbed

ITEM = {"user_id": {"S": "ada"}, "erased": {"S": ERASED}, "identity_id": {"S": "00u1"}, "pending": {"BOOL": True}}
ITEM |= to_item({"history": [asdict(ERASURE)]})
TRIED = to_item({"published": asdict(FAILED)})
CONFIRMED = ITEM.keys() - {"identity_id", "pending"}
KEY = {"TableName": "table", "Key": {"user_id": {"S": "ada"}}}


@pytest.fixture
def dynamodb():
    with stubbed("dynamodb", lambda client: RecordStore("table", client, tombstones=True)) as made:
        yield made


def test_an_erased_record_becomes_a_tombstone_of_ids_and_times_and_who_erased_it(dynamodb):
    stub, records = dynamodb
    changed = {
        "schema": {"N": "1"},
        "erased": {"S": ANY},
        "history": {"L": [{"M": ANY}]},
        "correlation_id": {"S": "request-1"},
        "pending": {"BOOL": True},
    }
    gone = sorted(item_of(RECORD).keys() - changed.keys() - {"user_id", "identity_id"})
    sets = ", ".join(f"#{name} = :{name}" for name in changed)
    expected = KEY | {
        "ConditionExpression": "s3_version_id = :own",
        "UpdateExpression": f"SET {sets} REMOVE {', '.join(f'#{name}' for name in gone)}",
        "ExpressionAttributeNames": {f"#{name}": name for name in (*changed, *gone)},
        "ExpressionAttributeValues": {":own": {"S": "s3-1"}} | {f":{name}": value for name, value in changed.items()},
    }
    stub.add_response("update_item", {}, expected)
    assert records.erase_if_current(replace(RECORD, correlation_id="request-1"))
    stub.add_client_error("update_item", "ConditionalCheckFailedException")
    assert not records.erase_if_current(RECORD)


def confirmed(condition, own, erased=ANY, history=ANY):
    """Return the parameters of the call that leaves only the history, for 30 days."""
    item = {"user_id": {"S": "ada"}, "schema": {"N": "1"}, "erased": {"S": erased}, "history": history}
    return {
        "TableName": "table",
        "Item": item | {"expires_at": {"N": ANY}},
        "ConditionExpression": condition,
        "ExpressionAttributeValues": {":own": {"S": own}},
    }


def test_without_an_identity_provider_an_erasure_is_confirmed_at_once():
    with stubbed("dynamodb", lambda client: RecordStore("table", client)) as (stub, records):
        stub.add_response("put_item", {}, confirmed("s3_version_id = :own", "s3-1"))
        assert records.erase_if_current(RECORD)
        stub.add_client_error("put_item", "ConditionalCheckFailedException")
        assert not records.erase_if_current(RECORD)


def test_the_default_picture_belongs_to_no_user_and_needs_no_confirmation(dynamodb):
    stub, records = dynamodb
    stub.add_response("put_item", {})
    assert records.erase_if_current(replace(RECORD, user_id="_default"))


@pytest.mark.parametrize(
    ("item", "tombstone"), [(ITEM, TOMBSTONE), (ITEM | TRIED, replace(TOMBSTONE, published=FAILED))]
)
def test_a_tombstone_is_an_entry_but_no_record(dynamodb, item, tombstone):
    stub, records = dynamodb
    for method, found in ((records.find, None), (records.entry, tombstone), (records.exists, True)):
        stub.add_response("get_item", {"Item": item})
        assert method("ada") == found


def test_erasing_a_user_again_leaves_the_tombstone(dynamodb):
    stub, records = dynamodb
    stub.add_response("get_item", {"Item": ITEM})
    assert not records.erase("ada")


def test_a_tombstone_is_marked_and_confirmed_only_while_it_is_current(dynamodb):
    stub, records = dynamodb
    marked = KEY | {
        "ConditionExpression": "erased = :own AND attribute_not_exists(expires_at)",
        "UpdateExpression": "SET published = :published, identity_id = :identity_id REMOVE pending",
        "ExpressionAttributeValues": {":own": {"S": ERASED}, ":published": ANY, ":identity_id": {"S": "00u1"}},
    }
    stub.add_response("update_item", {}, marked)
    assert records.mark(TOMBSTONE, FAILED)
    stub.add_client_error("update_item", "ConditionalCheckFailedException")
    assert not records.mark(TOMBSTONE, FAILED)
    stub.add_response("put_item", {}, confirmed("erased = :own", ERASED, ERASED, ITEM["history"]))
    assert records.confirm_erasure(TOMBSTONE)
    for found, is_done in (({}, True), ({"Item": item_of(RECORD)}, False)):
        stub.add_client_error("put_item", "ConditionalCheckFailedException")
        stub.add_response("get_item", found)
        assert records.confirm_erasure(TOMBSTONE) == is_done


def test_nothing_is_left_to_do_about_a_confirmed_tombstone(dynamodb):
    stub, records = dynamodb
    item = {name: ITEM[name] for name in CONFIRMED} | {"expires_at": {"N": "1770000000"}}
    tombstone = replace(TOMBSTONE, identity_id=None, expires_at=1_770_000_000)
    for method, found in ((records.find, None), (records.entry, tombstone), (records.exists, False)):
        stub.add_response("get_item", {"Item": item})
        assert method("ada") == found
    stub.add_response("get_item", {"Item": item})
    assert not records.erase("ada")
    stub.add_response("scan", {"Items": [item, ITEM]})
    assert records.page(None, 2) == ([TOMBSTONE], None)
    # Confirmed once more, by a late message: it does not stay longer.
    again = confirmed("erased = :own", ERASED)
    again["Item"]["expires_at"] = item["expires_at"]
    stub.add_response("put_item", {}, again)
    assert records.confirm_erasure(tombstone)


def test_the_next_erasure_confirms_a_tombstone_in_a_stack_that_no_longer_publishes():
    with stubbed("dynamodb", lambda client: RecordStore("table", client)) as (stub, records):
        stub.add_response("get_item", {"Item": ITEM})
        stub.add_response("put_item", {}, confirmed("erased = :own", ERASED))
        assert not records.erase("ada")


def test_of_an_item_without_a_history_the_last_change_is_known(dynamodb):
    stub, records = dynamodb
    record = item_of(replace(RECORD, correlation_id="request-1"))
    del record["history"]
    tombstone = {name: value for name, value in ITEM.items() if name != "history"}
    for item, change in (
        (record, Change(RECORD.updated, "set", None, RECORD.principal, RECORD.version, "request-1")),
        (tombstone, Change(ERASED, "erased")),
    ):
        stub.add_response("get_item", {"Item": item})
        assert records.entry("ada").history == (change,)
