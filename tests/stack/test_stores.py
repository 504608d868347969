"""What the stores write into the bucket and tables of the deployed stack."""

import json
import time
from dataclasses import replace

import pytest

from headshot.problems import UploadConflict
from headshot.record import Published
from headshot.stores.records import RecordStore
from local import portrait
from local.stack import PROJECT
from tests.awaiting import eventually
from tests.stack.test_faults import denied
from tests.unit.examples import RECORD

ADA, GRACE = (portrait.jpeg(name, (300, 400)) for name in ("Ada Lovelace", "Grace Hopper"))
DAY = 24 * 3600


def test_a_record_replaces_only_the_one_that_was_read(rig):
    records = RecordStore(rig.outputs["RecordsTable"], rig.client("dynamodb"))
    first, second, third = (replace(RECORD, user_id="raced", s3_version_id=f"s3-{number}") for number in range(3))
    records.replace(None, first)
    with pytest.raises(UploadConflict):
        records.replace(None, second)
    assert records.find("raced") == first
    records.replace(first, second)
    for stale in (None, first):
        with pytest.raises(UploadConflict):
            records.replace(stale, third)
    assert not records.mark(first, Published("published", RECORD.updated, 1))
    assert not records.erase_if_current(first)
    assert records.find("raced") == second
    assert records.erase_if_current(second)
    with pytest.raises(UploadConflict):
        records.replace(second, third)
    assert records.find("raced") is None


def stored_uploads(rig, user_id):
    found = rig.client("dynamodb").query(
        TableName=rig.physical_id("UploadsTable"),
        KeyConditionExpression="user_id = :user",
        ExpressionAttributeValues={":user": {"S": user_id}},
    )
    return {item["upload_id"]["S"]: item for item in found["Items"]}


def test_uploads_expire_after_a_month(rig, uploader):
    form = uploader.post("/users/forgotten/photo/uploads").json()
    rig.client("s3").put_object(Bucket=rig.outputs["PhotosBucket"], Key="dropbox/forgotten.jpg", Body=b"no picture")
    eventually(lambda: len(stored_uploads(rig, "forgotten")) == 2)
    stored = stored_uploads(rig, "forgotten")
    assert stored.pop(form["upload_id"]).keys() >= {"expires_at"}
    [copied] = stored.values()
    assert copied["file"] == {"S": "forgotten.jpg"}
    stored = stored_uploads(rig, "forgotten")
    for item in stored.values():
        assert 29 * DAY < int(item["expires_at"]["N"]) - time.time() < 31 * DAY


@pytest.fixture
def ingest(rig):
    """Return a function that invokes ingest for a file, and returns whether Lambda would delete the message."""
    event = json.loads((PROJECT / "events/ingest-queue.json").read_text())

    def process(name):
        body = {"detail": {"object": {"key": f"dropbox/{name}"}}}
        event["Records"][0]["body"] = json.dumps(body)
        found = rig.client("lambda").invoke(FunctionName=rig.physical_id("IngestFunction"), Payload=json.dumps(event))
        return json.load(found["Payload"]) == {"batchItemFailures": []}

    return process


@pytest.mark.parametrize("data", [ADA, b"no picture"], ids=["accepted", "rejected"])
def test_a_file_stays_until_its_upload_is_stored(rig, uploader, ingest, data):
    table = f"arn:aws:dynamodb:us-east-1:000000000000:table/{rig.physical_id('UploadsTable')}"
    writes = [f"dynamodb:{action}" for action in ("PutItem", "UpdateItem", "TransactWriteItems")]
    with denied(rig, "IngestRole", *writes, resource=table):
        rig.client("s3").put_object(Bucket=rig.outputs["PhotosBucket"], Key="dropbox/unwritten.jpg", Body=data)
        assert not ingest("unwritten.jpg")
        assert rig.objects("dropbox/unwritten") == ["dropbox/unwritten.jpg"]
        assert rig.objects("rejected/unwritten") == []
    eventually(lambda: ingest("unwritten.jpg"))  # the queue may deliver it at the same moment
    assert rig.objects("dropbox/unwritten") == []
    assert uploader.erase("unwritten").status_code == 200


def test_erasing_deletes_delete_markers(rig, uploader):
    """Deleting an object in the S3 console leaves a marker with the user id in its key."""
    record = uploader.upload("marked", ADA).json()
    uploader.upload("marked", GRACE)
    keys = [
        *rig.objects("photos/marked/"),
        f"superseded/marked/{record['version']}.jpg",
        "dropbox/marked.jpg",
        "dropbox/marked/form",
        "rejected/marked.jpg",
    ]
    for key in keys:
        rig.client("s3").delete_object(Bucket=rig.outputs["PhotosBucket"], Key=key)
    places = ("photos/marked/", "superseded/marked/", "dropbox/marked", "rejected/marked")
    assert all(rig.objects(place) for place in places)
    assert uploader.erase("marked").status_code == 200
    assert [rig.objects(place) for place in places] == [[], [], [], []]
