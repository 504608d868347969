"""UploadStore: how uploads are claimed and settled, and when they expire."""

import time
from dataclasses import asdict, replace

import pytest
from boto3.dynamodb.types import TypeDeserializer
from botocore.stub import ANY

from headshot.problems import StoreUnavailable
from headshot.stores.uploads import Upload, UploadStore, _item
from tests.unit.stores.stubs import stubbed

WAITING = Upload("ada", "33c9281c", "waiting", "2026-01-02T03:04:05.000Z", principal="arn:aws:iam::1:user/admin")
KEY = {"user_id": {"S": "ada"}, "upload_id": {"S": "33c9281c"}}


@pytest.fixture
def dynamodb():
    with stubbed("dynamodb", lambda client: UploadStore("table", client)) as made:
        yield made


def test_an_upload_is_kept_for_a_month():
    stored = TypeDeserializer().deserialize({"M": _item(WAITING)})
    assert 29 < (int(stored.pop("expires_at")) - time.time()) / 86_400 <= 30
    assert stored == asdict(WAITING)


def test_an_upload_is_claimed_for_one_s3_version_only(dynamodb):
    stub, uploads = dynamodb
    expected = {
        "TableName": "table",
        "Key": KEY,
        "UpdateExpression": "SET s3_version_id = :own",
        "ConditionExpression": "s3_version_id = :own OR (#status = :waiting AND attribute_not_exists(s3_version_id))",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": {":own": {"S": "s3-1"}, ":waiting": {"S": "waiting"}},
        "ReturnValues": "ALL_NEW",
    }
    stub.add_response("update_item", {"Attributes": _item(WAITING) | {"s3_version_id": {"S": "s3-1"}}}, expected)
    assert uploads.claim("ada", "33c9281c", "s3-1") == WAITING
    stub.add_client_error("update_item", "ConditionalCheckFailedException")
    assert uploads.claim("ada", "33c9281c", "s3-2") is None


def test_an_upload_is_settled_only_if_its_user_was_not_erased(dynamodb):
    stub, uploads = dynamodb
    accepted = replace(WAITING, status="accepted", url="https://photos.example.com/")
    expected = {"TableName": "table", "Item": ANY, "ConditionExpression": "attribute_exists(user_id)"}
    stub.add_response("put_item", {}, expected)
    assert uploads.settle(accepted, "s3-1")
    stub.add_client_error("put_item", "ConditionalCheckFailedException")
    assert not uploads.settle(accepted, "s3-1")


def test_an_upload_stored_before_there_were_files_and_principals_is_read(dynamodb):
    stub, uploads = dynamodb
    item = {name: value for name, value in _item(WAITING).items() if name not in {"file", "principal"}}
    stub.add_response("get_item", {"Item": item})
    assert uploads.find("ada", "33c9281c") == replace(WAITING, principal=None)


def test_erasing_counts_the_deleted_uploads(dynamodb):
    stub, uploads = dynamodb
    stub.add_response("query", {"Items": [_item(WAITING), _item(replace(WAITING, upload_id="other"))]})
    for upload_id in ("33c9281c", "other"):
        key = KEY | {"upload_id": {"S": upload_id}}
        stub.add_response("delete_item", {}, {"TableName": "table", "Key": key})
    assert uploads.erase("ada") == 2


@pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "AccessDeniedException"])
def test_any_other_error_means_that_dynamodb_is_unavailable(dynamodb, code):
    stub, uploads = dynamodb
    for operation, call in [
        ("update_item", lambda: uploads.claim("ada", "33c9281c", "s3-1")),
        ("put_item", lambda: uploads.settle(WAITING, "s3-1")),
        ("put_item", lambda: uploads.put(WAITING)),
        ("query", lambda: uploads.erase("ada")),
    ]:
        stub.add_client_error(operation, code)
        with pytest.raises(StoreUnavailable):
            call()
