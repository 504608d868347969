"""RecordStore: what an erasure leaves until the identity provider has confirmed it."""

from dataclasses import asdict, replace
from unittest.mock import ANY

import pytest
from boto3.dynamodb.types import TypeSerializer

from headshot.stores.records import RecordStore, _item
from tests.unit.examples import ERASED, FAILED, RECORD, TOMBSTONE
from tests.unit.stores.stubs import stubbed

ITEM = {"user_id": {"S": "ada"}, "erased": {"S": ERASED}, "identity_id": {"S": "00u1"}, "pending": {"BOOL": True}}
TRIED = {"published": TypeSerializer().serialize(asdict(FAILED))}
KEY = {"TableName": "table", "Key": {"user_id": {"S": "ada"}}}


@pytest.fixture
def dynamodb():
    with stubbed("dynamodb", lambda client: RecordStore("table", client, tombstones=True)) as made:
        yield made


def test_an_erased_record_becomes_a_tombstone_of_ids_and_times_alone(dynamodb):
    stub, records = dynamodb
    gone = _item(RECORD).keys() - {"user_id", "schema", "identity_id", "pending", "correlation_id"}
    change = (
        "SET #schema = :schema, erased = :erased, pending = :pending, correlation_id = :correlation_id"
        f" REMOVE {', '.join(f'#{name}' for name in sorted(gone))}"
    )
    expected = KEY | {
        "ConditionExpression": "s3_version_id = :own",
        "UpdateExpression": change,
        "ExpressionAttributeNames": {f"#{name}": name for name in (*gone, "schema")},
        "ExpressionAttributeValues": {
            ":own": {"S": "s3-1"},
            ":schema": {"N": "1"},
            ":erased": {"S": ANY},
            ":pending": {"BOOL": True},
            ":correlation_id": {"S": "request-1"},
        },
    }
    stub.add_response("update_item", {}, expected)
    assert records.erase_if_current(replace(RECORD, correlation_id="request-1"))
    stub.add_client_error("update_item", "ConditionalCheckFailedException")
    assert not records.erase_if_current(RECORD)


def test_the_default_picture_belongs_to_no_user_and_leaves_no_tombstone(dynamodb):
    stub, records = dynamodb
    stub.add_response("delete_item", {})
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


def test_a_tombstone_is_marked_and_deleted_only_while_it_is_current(dynamodb):
    stub, records = dynamodb
    own = {":own": {"S": ERASED}}
    marked = KEY | {
        "ConditionExpression": "erased = :own",
        "UpdateExpression": "SET published = :published, identity_id = :identity_id REMOVE pending",
        "ExpressionAttributeValues": own | {":published": ANY, ":identity_id": {"S": "00u1"}},
    }
    condition = "attribute_not_exists(user_id) OR erased = :own"
    deleted = KEY | {"ConditionExpression": condition, "ExpressionAttributeValues": own}
    for operation, expected, call in (
        ("update_item", marked, lambda: records.mark(TOMBSTONE, FAILED)),
        ("delete_item", deleted, lambda: records.delete_tombstone(TOMBSTONE)),
    ):
        stub.add_response(operation, {}, expected)
        assert call()
        stub.add_client_error(operation, "ConditionalCheckFailedException")
        assert not call()


def test_the_next_erasure_deletes_a_tombstone_in_a_stack_that_no_longer_publishes():
    with stubbed("dynamodb", lambda client: RecordStore("table", client)) as (stub, records):
        stub.add_response("get_item", {"Item": ITEM})
        stub.add_response("delete_item", {})
        assert not records.erase("ada")
