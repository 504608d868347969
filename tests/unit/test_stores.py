"""What the stores make of AWS's answers, above all of those that no emulator gives."""

import io
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from unittest.mock import ANY

import boto3
import pytest
from boto3.dynamodb.types import TypeSerializer
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import EndpointConnectionError
from botocore.response import StreamingBody
from botocore.stub import Stubber
from urllib3 import HTTPConnectionPool
from urllib3.exceptions import ProtocolError, ReadTimeoutError, SSLError

from headshot.file import File
from headshot.problems import StoreUnavailable, UploadConflict
from headshot.record import Published, Record, Tombstone
from headshot.stores.dropbox import DropBox
from headshot.stores.photos import PhotoStore, StoredPhoto
from headshot.stores.records import RecordStore, _item

VERSION = "9f86d081884c7d659a2feaa0c55ad015"
STORED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
CURRENT, OLD = f"photos/ada/{VERSION}.jpg", f"superseded/ada/{VERSION}.jpg"
RECORD = Record(
    user_id="ada",
    url=f"https://photos.example.com/photos/ada/{VERSION}.jpg",
    version=VERSION,
    s3_version_id="s3-1",
    width=512,
    height=512,
    bytes=10_000,
    created="2026-01-02T03:04:05.000Z",
    updated="2026-01-02T03:04:05.000Z",
    principal="arn:aws:iam::123456789012:user/admin",
)
PUBLISHED = Published("published", "2026-01-02T03:04:06.000Z", 1)
FAILED = Published("failed", "2026-01-02T03:04:08.000Z", 2, "no permission")
ERASED = "2026-01-02T03:04:07.000Z"
TOMBSTONE = Tombstone("ada", ERASED, "00u1")
BURIED = {"user_id": {"S": "ada"}, "erased": {"S": ERASED}, "identity_id": {"S": "00u1"}, "pending": {"BOOL": True}}
TRIED = {"published": TypeSerializer().serialize(asdict(FAILED))}
KEY = {"TableName": "table", "Key": {"user_id": {"S": "ada"}}}


def copied(key, source):
    """The parameters of a copy that leaves tags behind: copying them would need s3:PutObjectTagging."""
    return {"Bucket": "bucket", "Key": key, "CopySource": source, "TaggingDirective": "REPLACE"}


def client(service):
    return boto3.client(service, region_name="eu-central-1", aws_access_key_id="-", aws_secret_access_key="-")


@pytest.fixture
def s3():
    made = client("s3")
    with Stubber(made) as stub:
        yield stub, PhotoStore("bucket", made)
        stub.assert_no_pending_responses()


@pytest.fixture
def dynamodb():
    made = client("dynamodb")
    with Stubber(made) as stub:
        yield stub, RecordStore("table", made)
        stub.assert_no_pending_responses()


@pytest.mark.parametrize(("method", "code"), [("head", "404"), ("get", "NoSuchKey")])
def test_a_key_that_does_not_exist_is_no_error(s3, method, code):
    stub, photos = s3
    for key in (CURRENT, OLD):
        stub.add_client_error(
            f"{method}_object", code, http_status_code=404, expected_params={"Bucket": "bucket", "Key": key}
        )
    assert getattr(photos, method)("ada", VERSION) is None


@pytest.mark.parametrize(
    ("method", "code"), [("head", "403"), ("get", "AccessDenied"), ("get", "KMS.DisabledException")]
)
def test_a_read_that_s3_rejects_is_an_outage_and_no_missing_picture(s3, method, code):
    stub, photos = s3
    stub.add_client_error(f"{method}_object", code, http_status_code=403)
    with pytest.raises(StoreUnavailable):
        getattr(photos, method)("ada", VERSION)
    stub.add_client_error(f"{method}_object", "NoSuchKey", http_status_code=404)
    stub.add_client_error(f"{method}_object", code, http_status_code=403)  # where superseded ones are
    with pytest.raises(StoreUnavailable):
        getattr(photos, method)("ada", VERSION)


def versions(*ids):
    return {"Versions": [{"Key": CURRENT, "VersionId": found, "LastModified": STORED} for found in ids]}


@pytest.mark.parametrize(("code", "status"), [("404", 404), ("403", 403), ("AccessDenied", 403)])
@pytest.mark.parametrize(("listed", "exists"), [(["s3-0", "s3-1"], True), (["s3-0"], False), ([], False)])
def test_a_picture_is_gone_only_if_the_list_of_its_versions_says_so(s3, code, status, listed, exists):
    stub, photos = s3
    this = {"Bucket": "bucket", "Key": CURRENT, "VersionId": "s3-1"}
    stub.add_client_error("head_object", code, http_status_code=status, expected_params=this)
    stub.add_response("list_object_versions", versions(*listed), {"Bucket": "bucket", "Prefix": CURRENT})
    assert photos.exists("ada", VERSION, "s3-1") is exists


def test_a_picture_is_not_taken_for_gone_where_its_versions_cannot_be_listed(s3):
    stub, photos = s3
    stub.add_client_error("head_object", "403", http_status_code=403)
    stub.add_client_error("list_object_versions", "AccessDenied", http_status_code=403)
    with pytest.raises(StoreUnavailable):
        photos.exists("ada", VERSION, "s3-1")
    stub.add_client_error("head_object", "503", http_status_code=503)
    with pytest.raises(StoreUnavailable):
        photos.exists("ada", VERSION, "s3-1")


def test_a_picture_that_head_finds_exists(s3):
    stub, photos = s3
    stub.add_response("head_object", {}, {"Bucket": "bucket", "Key": CURRENT, "VersionId": "s3-1"})
    assert photos.exists("ada", VERSION, "s3-1")


def test_a_superseded_picture_is_still_found(s3):
    stub, photos = s3
    stub.add_client_error("get_object", "NoSuchKey", http_status_code=404)
    body = StreamingBody(io.BytesIO(b"jpeg"), 4)
    stub.add_response(
        "get_object",
        {"ContentLength": 4, "LastModified": STORED, "Body": body},
        expected_params={"Bucket": "bucket", "Key": OLD},
    )
    assert photos.get("ada", VERSION) == StoredPhoto(4, STORED, b"jpeg")


@pytest.mark.parametrize("code", ["InternalError", "SlowDown", "ServiceUnavailable", "NoSuchBucket", "ExpiredToken"])
def test_any_other_answer_of_s3_means_that_it_is_unavailable(s3, code):
    stub, photos = s3
    stub.add_client_error("head_object", code, http_status_code=503)
    with pytest.raises(StoreUnavailable):
        photos.head("ada", VERSION)


def test_a_body_that_breaks_off_means_that_s3_is_unavailable(s3):
    stub, photos = s3
    cut_off = StreamingBody(io.BytesIO(b"jp"), 4)
    stub.add_response("get_object", {"ContentLength": 4, "LastModified": STORED, "Body": cut_off})
    with pytest.raises(StoreUnavailable):
        photos.get("ada", VERSION)


class Raising:
    """The body of an answer that can't be read to its end."""

    def __init__(self, error):
        self._error = error

    def stream(self, **_options):
        yield b"<Error><Code>Internal"
        raise self._error


@pytest.mark.parametrize(
    "error",
    [ProtocolError("Connection broken"), ReadTimeoutError(HTTPConnectionPool("-"), "/", "timed out"), SSLError("EOF")],
)
def test_the_body_of_an_error_that_breaks_off_means_that_s3_is_unavailable(error):
    made = client("s3")
    answer = AWSResponse("https://s3.example.com", 500, HTTPHeaders(), Raising(error))
    made.meta.events.register("before-send.s3.GetObject", lambda **_request: answer)
    with pytest.raises(StoreUnavailable):
        PhotoStore("bucket", made).get("ada", VERSION)


def test_no_connection_means_that_s3_is_unavailable(monkeypatch):
    made = client("s3")

    def reject(**_parameters):
        raise EndpointConnectionError(endpoint_url="https://s3.example.com")

    monkeypatch.setattr(made, "head_object", reject)
    with pytest.raises(StoreUnavailable):
        PhotoStore("bucket", made).head("ada", VERSION)


def test_superseding_copies_first_and_then_deletes_the_very_s3_version(s3):
    stub, photos = s3
    source = {"Bucket": "bucket", "Key": CURRENT, "VersionId": "s3-1"}
    stub.add_response("copy_object", {}, copied(OLD, source))
    stub.add_response("delete_object", {}, {"Bucket": "bucket", "Key": CURRENT, "VersionId": "s3-1"})
    photos.supersede("ada", VERSION, "s3-1")


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchVersion"])
def test_superseding_what_is_gone_does_nothing(s3, code):
    stub, photos = s3
    stub.add_client_error("copy_object", code, http_status_code=404)
    photos.supersede("ada", VERSION, "s3-1")


def test_superseding_what_s3_rejects_to_copy_fails(s3):
    stub, photos = s3
    stub.add_client_error("copy_object", "AccessDenied", http_status_code=403)
    with pytest.raises(StoreUnavailable):
        photos.supersede("ada", VERSION, "s3-1")


def test_only_what_is_too_old_to_be_under_way_counts_as_abandoned(s3):
    stub, photos = s3
    now = datetime.now(UTC)
    listed = [
        {"Key": CURRENT, "VersionId": "current", "LastModified": now - timedelta(days=400)},
        {"Key": CURRENT, "VersionId": "under-way", "LastModified": now - timedelta(minutes=15)},
        {"Key": CURRENT, "VersionId": "abandoned", "LastModified": now - timedelta(minutes=25)},
    ]
    stub.add_response("list_object_versions", {"Versions": listed}, {"Bucket": "bucket", "Prefix": "photos/ada/"})
    source = {"Bucket": "bucket", "Key": CURRENT, "VersionId": "abandoned"}
    stub.add_response("copy_object", {}, copied(OLD, source))
    stub.add_response("delete_object", {}, {"Bucket": "bucket", "Key": CURRENT, "VersionId": "abandoned"})
    photos.supersede_abandoned("ada", "current")


@pytest.fixture
def drop_box():
    made = client("s3")
    with Stubber(made) as stub:
        yield stub, DropBox("bucket", made)
        stub.assert_no_pending_responses()


FILE = File("ada.jpg", "newest", 4, ("older", "oldest"))


def expect_removal(stub):
    for version in ("older", "oldest", "newest"):
        stub.add_response("delete_object", {}, {"Bucket": "bucket", "Key": "dropbox/ada.jpg", "VersionId": version})


def test_the_newest_s3_version_of_a_file_goes_last(drop_box):
    """Ingest takes the newest: who breaks off in between must not leave an older one as that."""
    stub, drop_box = drop_box
    expect_removal(stub)
    drop_box.remove(FILE)


def test_a_rejected_file_is_copied_before_it_is_removed(drop_box):
    stub, drop_box = drop_box
    stub.add_client_error("copy_object", "AccessDenied", http_status_code=403)
    with pytest.raises(StoreUnavailable):
        drop_box.reject(FILE)
    stub.add_response("copy_object", {})
    expect_removal(stub)
    drop_box.reject(FILE)


def test_a_record_comes_back_as_it_was_put(dynamodb):
    stub, records = dynamodb
    stub.add_response("get_item", {"Item": _item(RECORD)})
    assert records.find("ada") == RECORD


def test_an_item_holds_the_scim_attribute_for_whoever_reads_the_stream():
    [value] = _item(RECORD)["scim"]["M"]["urn:ietf:params:scim:schemas:core:2.0:User:photos"]["L"]
    assert value["M"] == {"value": {"S": RECORD.url}, "type": {"S": "photo"}, "primary": {"BOOL": True}}


def test_a_record_that_somebody_else_replaced_is_a_conflict(dynamodb):
    stub, records = dynamodb
    stub.add_client_error("put_item", "ConditionalCheckFailedException")
    stub.add_response("get_item", {"Item": _item(RECORD) | {"s3_version_id": {"S": "s3-2"}}})
    with pytest.raises(UploadConflict):
        records.replace(None, RECORD)


def test_a_put_that_was_repeated_because_its_answer_got_lost_is_no_conflict(dynamodb):
    stub, records = dynamodb
    stub.add_client_error("put_item", "ConditionalCheckFailedException")
    stub.add_response("get_item", {"Item": _item(RECORD)})
    records.replace(None, RECORD)


def test_a_put_that_was_repeated_is_no_conflict_even_if_publish_was_quicker(dynamodb):
    stub, records = dynamodb
    stub.add_client_error("put_item", "ConditionalCheckFailedException")
    stub.add_response("get_item", {"Item": _item(replace(RECORD, published=PUBLISHED))})
    records.replace(None, RECORD)


def test_a_record_is_pending_until_publish_has_marked_it(dynamodb):
    """The stream's filter in the template looks for it."""
    stub, records = dynamodb
    assert _item(RECORD)["pending"] == {"BOOL": True}
    expected = {
        "TableName": "table",
        "Key": {"user_id": {"S": "ada"}},
        "ConditionExpression": "s3_version_id = :own",
        "UpdateExpression": "SET published = :published REMOVE pending",
        "ExpressionAttributeValues": {":own": {"S": "s3-1"}, ":published": ANY},
    }
    stub.add_response("update_item", {}, expected)
    assert records.mark(RECORD, PUBLISHED)
    stub.add_client_error("update_item", "ConditionalCheckFailedException")
    assert not records.mark(RECORD, PUBLISHED)


def test_how_a_record_was_published_comes_back_as_it_was_written(dynamodb):
    stub, records = dynamodb
    for published in (PUBLISHED, replace(PUBLISHED, status="failed", error="no such user"), None):
        record = replace(RECORD, published=published)
        stub.add_response("get_item", {"Item": _item(record)})
        assert records.find("ada") == record


def test_a_record_from_before_there_was_publish_is_read(dynamodb):
    stub, records = dynamodb
    item = _item(RECORD)
    del item["published"], item["pending"]
    stub.add_response("get_item", {"Item": item})
    assert records.find("ada") == RECORD


def test_records_are_read_page_by_page(dynamodb):
    stub, records = dynamodb
    key = {"user_id": {"S": "ada"}}
    expected = {"TableName": "table", "Limit": 2, "ConsistentRead": True}
    stub.add_response("scan", {"Items": [_item(RECORD)], "LastEvaluatedKey": key}, expected)
    assert records.page(None, 2) == ([RECORD], "ada")
    stub.add_response("scan", {"Items": []}, expected | {"ExclusiveStartKey": key})
    assert records.page("ada", 2) == ([], None)


def test_withdrawing_tells_whether_the_record_still_stood(dynamodb):
    stub, records = dynamodb
    expected = KEY | {
        "ConditionExpression": "s3_version_id = :own",
        "ExpressionAttributeValues": {":own": {"S": "s3-1"}},
    }
    stub.add_response("delete_item", {}, expected)
    assert records.erase_if_current(RECORD)
    stub.add_client_error("delete_item", "ConditionalCheckFailedException")
    assert not records.erase_if_current(RECORD)


def test_where_there_is_an_identity_provider_a_record_becomes_a_tombstone_of_ids_and_times_alone(dynamodb):
    stub, records = dynamodb
    records._tombstones = True
    gone = _item(RECORD).keys() - {"user_id", "identity_id", "pending"}
    change = f"SET erased = :erased, pending = :pending REMOVE {', '.join(f'#{name}' for name in sorted(gone))}"
    expected = KEY | {
        "ConditionExpression": "s3_version_id = :own",
        "UpdateExpression": change,
        "ExpressionAttributeNames": {f"#{name}": name for name in gone},
        "ExpressionAttributeValues": {":own": {"S": "s3-1"}, ":erased": {"S": ANY}, ":pending": {"BOOL": True}},
    }
    stub.add_response("update_item", {}, expected)
    assert records.erase_if_current(RECORD)
    stub.add_client_error("update_item", "ConditionalCheckFailedException")
    assert not records.erase_if_current(RECORD)


def test_the_neutral_picture_is_nobodys_and_leaves_no_tombstone(dynamodb):
    stub, records = dynamodb
    records._tombstones = True
    stub.add_response("delete_item", {})
    assert records.erase_if_current(replace(RECORD, user_id="_default"))


def test_a_tombstone_is_no_record(dynamodb):
    stub, records = dynamodb
    for item, tombstone in ((BURIED, TOMBSTONE), (BURIED | TRIED, replace(TOMBSTONE, published=FAILED))):
        for method, found in ((records.find, None), (records.entry, tombstone)):
            stub.add_response("get_item", {"Item": item})
            assert method("ada") == found
    stub.add_response("get_item", {"Item": BURIED})
    records._tombstones = True
    assert not records.erase("ada")


def test_a_tombstone_is_marked_and_deleted_only_as_long_as_it_stands(dynamodb):
    stub, records = dynamodb
    own = {":own": {"S": ERASED}}
    marked = KEY | {
        "ConditionExpression": "erased = :own",
        "UpdateExpression": "SET published = :published, identity_id = :identity_id REMOVE pending",
        "ExpressionAttributeValues": own | {":published": ANY, ":identity_id": {"S": "00u1"}},
    }
    condition = "attribute_not_exists(user_id) OR erased = :own"
    forgotten = KEY | {"ConditionExpression": condition, "ExpressionAttributeValues": own}
    for operation, expected, call in (
        ("update_item", marked, lambda: records.mark(TOMBSTONE, FAILED)),
        ("delete_item", forgotten, lambda: records.delete_tombstone(TOMBSTONE)),
    ):
        stub.add_response(operation, {}, expected)
        assert call()
        stub.add_client_error(operation, "ConditionalCheckFailedException")
        assert not call()


def test_a_tombstone_from_a_time_with_an_identity_provider_goes_with_the_next_erasure(dynamodb):
    stub, records = dynamodb
    stub.add_response("get_item", {"Item": BURIED})
    stub.add_response("delete_item", {})
    assert not records.erase("ada")


@pytest.mark.parametrize(
    ("current", "condition", "values"),
    [
        (None, "attribute_not_exists(user_id) OR attribute_exists(erased)", {}),
        (RECORD, "s3_version_id = :current", {"ExpressionAttributeValues": {":current": {"S": "s3-1"}}}),
    ],
)
def test_a_record_is_written_only_in_the_place_of_what_was_read(dynamodb, current, condition, values):
    stub, records = dynamodb
    expected = {"TableName": "table", "Item": _item(RECORD), "ConditionExpression": condition} | values
    stub.add_response("put_item", {}, expected)
    records.replace(current, RECORD)


def test_the_identity_providers_id_is_kept_and_shown_to_nobody(dynamodb):
    stub, records = dynamodb
    known = replace(RECORD, identity_id="00u1")
    stub.add_response("get_item", {"Item": _item(known)})
    assert records.find("ada") == known
    assert known.public() == RECORD.public()


@pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "AccessDeniedException"])
def test_any_other_answer_of_dynamodb_means_that_it_is_unavailable(dynamodb, code):
    stub, records = dynamodb
    for operation, call in [
        ("get_item", lambda: records.find("ada")),
        ("put_item", lambda: records.replace(RECORD, RECORD)),
        ("delete_item", lambda: records.delete_tombstone(TOMBSTONE)),
        ("get_item", lambda: records.erase("ada")),
        ("delete_item", lambda: records.erase_if_current(RECORD)),
        ("update_item", lambda: records.mark(RECORD, PUBLISHED)),
        ("scan", lambda: records.page(None, 1)),
    ]:
        stub.add_client_error(operation, code)
        with pytest.raises(StoreUnavailable):
            call()
