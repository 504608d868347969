"""Reader, under the role of serve: it reads what the other stores have written. moto verifies its signatures."""

from dataclasses import replace
from typing import Any

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth

from headshot.imaging import normalise
from headshot.problems import RecordTooNew, StoreMissing, StoreUnavailable
from headshot.stores.photos import PhotoStore
from headshot.stores.reader import Reader
from headshot.stores.records import RecordStore
from headshot.stores.signed import Credentials, Endpoint
from local.emulator import REGION
from tests import pictures
from tests.stores.test_photos import USERS
from tests.unit.examples import RECORD

ADA, GRACE = (normalise(pictures.plain(colour)) for colour in ("teal", "plum"))


def reader_of(aws, role):
    keys: Any = Credentials(*aws.keys[role])
    bucket = f"{aws.url}/{aws.resources['PhotosBucket']}"
    return Reader(
        Endpoint(bucket, S3SigV4Auth(keys, "s3", REGION)),
        Endpoint(aws.url, SigV4Auth(keys, "dynamodb", REGION)),
        aws.resources["RecordsTable"],
    )


@pytest.fixture
def photos(aws, s3):
    return PhotoStore(aws.resources["PhotosBucket"], s3("UploadRole"))


@pytest.fixture
def records(aws):
    return RecordStore(aws.resources["RecordsTable"], aws.client("dynamodb", "UploadRole"), tombstones=True)


@pytest.fixture
def reader(aws):
    return reader_of(aws, "ServeRole")


@pytest.mark.parametrize("user_id", USERS)
def test_a_photo_is_read_as_it_was_stored(photos, reader, user_id):
    photos.put(user_id, ADA)
    head, got = reader.head(user_id, ADA.version), reader.get(user_id, ADA.version)
    assert (head.size, head.jpeg) == (len(ADA.jpeg), None)
    assert (got.size, got.jpeg, got.last_modified) == (len(ADA.jpeg), ADA.jpeg, head.last_modified)
    photos.erase(user_id)


@pytest.mark.parametrize("user_id", USERS)
def test_a_superseded_photo_is_still_found(photos, reader, user_id):
    photos.supersede(user_id, ADA.version, photos.put(user_id, ADA))
    assert reader.get(user_id, ADA.version).jpeg == ADA.jpeg
    assert reader.head(user_id, ADA.version).size == len(ADA.jpeg)
    photos.erase(user_id)


def test_a_photo_that_does_not_exist_is_none(photos, reader):
    photos.put("somebody", ADA)
    assert reader.head("nobody", ADA.version) is reader.get("nobody", ADA.version) is None
    assert reader.head("somebody", GRACE.version) is reader.get("somebody", GRACE.version) is None
    photos.erase("somebody")


@pytest.mark.parametrize("user_id", USERS)
def test_the_current_version_is_that_of_the_record_until_it_is_erased(records, reader, user_id):
    record = replace(RECORD, user_id=user_id)
    assert reader.current(user_id) is None
    records.replace(None, record)
    assert reader.current(user_id) == record.version
    records.erase(user_id)
    tombstone = records.entry(user_id)
    assert tombstone is not None
    assert reader.current(user_id) is None
    records.confirm_erasure(tombstone)


def test_a_read_that_the_role_does_not_allow_is_an_outage(aws, photos):
    photos.put("denied", ADA)
    stranger = reader_of(aws, "RelayRole")
    for read in (stranger.head, stranger.get):
        with pytest.raises(StoreUnavailable):
            read("denied", ADA.version)
    photos.erase("denied")


def test_a_record_of_a_later_version_is_not_read(aws, records, reader):
    record = replace(RECORD, user_id="later")
    records.replace(None, record)
    aws.client("dynamodb").update_item(
        TableName=aws.resources["RecordsTable"],
        Key={"user_id": {"S": "later"}},
        UpdateExpression="SET #schema = :later",
        ExpressionAttributeNames={"#schema": "schema"},
        ExpressionAttributeValues={":later": {"N": "1000"}},
    )
    with pytest.raises(RecordTooNew):
        reader.current("later")
    aws.client("dynamodb").delete_item(TableName=aws.resources["RecordsTable"], Key={"user_id": {"S": "later"}})


def test_a_bucket_or_table_that_is_gone_is_an_outage_not_a_missing_picture(aws):
    keys: Any = Credentials(*aws.keys[None])  # serve may read nothing but its own
    bucket = Endpoint(f"{aws.url}/no-such-bucket", S3SigV4Auth(keys, "s3", REGION))
    reader = Reader(bucket, Endpoint(aws.url, SigV4Auth(keys, "dynamodb", REGION)), "no-such-table")
    for read in (reader.head, reader.get):
        with pytest.raises(StoreMissing, match="bucket no longer exists"):
            read("ada", ADA.version)
    with pytest.raises(StoreMissing, match="table no longer exists"):
        reader.current("ada")
