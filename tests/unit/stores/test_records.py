"""RecordStore: which condition guards each write, and what its failure means."""

from dataclasses import replace
from unittest.mock import ANY

import pytest

from headshot.problems import StoreUnavailable, UploadConflict
from headshot.stores.items import item_of
from headshot.stores.records import RecordStore
from tests.unit.examples import PUBLISHED, RECORD, TOMBSTONE
from tests.unit.stores.stubs import stubbed

KEY = {"TableName": "table", "Key": {"user_id": {"S": "ada"}}}


@pytest.fixture
def dynamodb():
    with stubbed("dynamodb", lambda client: RecordStore("table", client)) as made:
        yield made


@pytest.mark.parametrize("published", [PUBLISHED, replace(PUBLISHED, status="failed", error="no such user"), None])
def test_a_record_is_read_as_it_was_stored(dynamodb, published):
    stub, records = dynamodb
    record = replace(RECORD, published=published)
    stub.add_response("get_item", {"Item": item_of(record)}, KEY | {"ConsistentRead": True})
    assert records.find("ada") == record


def test_an_item_holds_the_scim_attribute_for_readers_of_the_stream():
    [value] = item_of(RECORD)["scim"]["M"]["urn:ietf:params:scim:schemas:core:2.0:User:photos"]["L"]
    assert value["M"] == {"value": {"S": RECORD.url}, "type": {"S": "photo"}, "primary": {"BOOL": True}}


@pytest.mark.parametrize(
    ("current", "condition", "values"),
    [
        (None, "attribute_not_exists(user_id) OR attribute_exists(erased)", {}),
        (RECORD, "s3_version_id = :current", {"ExpressionAttributeValues": {":current": {"S": "s3-1"}}}),
    ],
)
def test_a_record_replaces_only_the_one_that_was_read(dynamodb, current, condition, values):
    stub, records = dynamodb
    expected = {"TableName": "table", "Item": item_of(RECORD), "ConditionExpression": condition} | values
    stub.add_response("put_item", {}, expected)
    records.replace(current, RECORD)


def test_a_record_that_was_replaced_by_another_request_is_a_conflict(dynamodb):
    stub, records = dynamodb
    stub.add_client_error("put_item", "ConditionalCheckFailedException")
    stub.add_response("get_item", {"Item": item_of(RECORD) | {"s3_version_id": {"S": "s3-2"}}})
    with pytest.raises(UploadConflict):
        records.replace(None, RECORD)


@pytest.mark.parametrize("published", [None, PUBLISHED], ids=["before publish", "after publish"])
def test_a_put_repeated_after_a_lost_response_is_no_conflict(dynamodb, published):
    stub, records = dynamodb
    stub.add_client_error("put_item", "ConditionalCheckFailedException")
    stub.add_response("get_item", {"Item": item_of(replace(RECORD, published=published))})
    records.replace(None, RECORD)


def test_a_record_is_pending_until_publish_has_marked_it(dynamodb):
    """The stream's filter in the template looks for it."""
    stub, records = dynamodb
    assert item_of(RECORD)["pending"] == {"BOOL": True}
    expected = KEY | {
        "ConditionExpression": "s3_version_id = :own",
        "UpdateExpression": "SET published = :published REMOVE pending",
        "ExpressionAttributeValues": {":own": {"S": "s3-1"}, ":published": ANY},
    }
    stub.add_response("update_item", {}, expected)
    assert records.mark(RECORD, PUBLISHED)
    stub.add_client_error("update_item", "ConditionalCheckFailedException")
    assert not records.mark(RECORD, PUBLISHED)


def test_a_record_stored_before_there_was_publish_is_read(dynamodb):
    stub, records = dynamodb
    item = item_of(RECORD)
    del item["published"], item["pending"]
    stub.add_response("get_item", {"Item": item})
    assert records.find("ada") == RECORD


def test_records_are_read_page_by_page(dynamodb):
    stub, records = dynamodb
    key = {"user_id": {"S": "ada"}}
    expected = {"TableName": "table", "Limit": 2, "ConsistentRead": True}
    stub.add_response("scan", {"Items": [item_of(RECORD)], "LastEvaluatedKey": key}, expected)
    assert records.page(None, 2) == ([RECORD], "ada")
    stub.add_response("scan", {"Items": []}, expected | {"ExclusiveStartKey": key})
    assert records.page("ada", 2) == ([], None)


def test_the_identity_id_is_stored_and_not_shown_to_callers(dynamodb):
    stub, records = dynamodb
    known = replace(RECORD, identity_id="00u1")
    stub.add_response("get_item", {"Item": item_of(known)})
    assert records.find("ada") == known
    assert known.public() == RECORD.public()


@pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "AccessDeniedException"])
def test_any_other_error_means_that_dynamodb_is_unavailable(dynamodb, code):
    stub, records = dynamodb
    for operation, call in [
        ("get_item", lambda: records.find("ada")),
        ("get_item", lambda: records.exists("ada")),
        ("put_item", lambda: records.replace(RECORD, RECORD)),
        ("put_item", lambda: records.confirm_erasure(TOMBSTONE)),
        ("get_item", lambda: records.erase("ada")),
        ("put_item", lambda: records.erase_if_current(RECORD)),
        ("update_item", lambda: records.mark(RECORD, PUBLISHED)),
        ("scan", lambda: records.page(None, 1)),
    ]:
        stub.add_client_error(operation, code)
        with pytest.raises(StoreUnavailable):
            call()
