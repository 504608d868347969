"""What the stores write, in the stack's own bucket and tables: no fake compares, expires or hides anything for them."""

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


def test_a_record_takes_the_place_of_the_one_that_was_read_and_of_no_other(rig):
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


def stored_outcomes(rig, user_id):
    found = rig.client("dynamodb").query(
        TableName=rig.physical_id("UploadsTable"),
        KeyConditionExpression="user_id = :user",
        ExpressionAttributeValues={":user": {"S": user_id}},
    )
    return {item["upload_id"]["S"]: item for item in found["Items"]}


def test_what_became_of_an_upload_is_forgotten_after_a_month(rig, uploader):
    form = uploader.post("/users/forgotten/photo/uploads").json()
    rig.client("s3").put_object(Bucket=rig.outputs["PhotosBucket"], Key="dropbox/forgotten.jpg", Body=b"no picture")
    eventually(lambda: len(stored_outcomes(rig, "forgotten")) == 2)
    stored = stored_outcomes(rig, "forgotten")
    assert stored.pop(form["upload_id"]).keys() >= {"expires_at"}
    [copied] = stored.values()
    assert copied["file"] == {"S": "forgotten.jpg"}
    stored = stored_outcomes(rig, "forgotten")
    for item in stored.values():
        assert 29 * DAY < int(item["expires_at"]["N"]) - time.time() < 31 * DAY


@pytest.fixture
def ingest(rig):
    """Have ingest take a file, and tell whether Lambda would delete the message."""
    event = json.loads((PROJECT / "events/ingest-queue.json").read_text())

    def take(name):
        body = {"detail": {"object": {"key": f"dropbox/{name}"}}}
        event["Records"][0]["body"] = json.dumps(body)
        found = rig.client("lambda").invoke(FunctionName=rig.physical_id("IngestFunction"), Payload=json.dumps(event))
        return json.load(found["Payload"]) == {"batchItemFailures": []}

    return take


@pytest.mark.parametrize("data", [ADA, b"no picture"], ids=["accepted", "rejected"])
def test_a_file_stays_until_its_outcome_is_written(rig, uploader, ingest, data):
    table = f"arn:aws:dynamodb:us-east-1:000000000000:table/{rig.physical_id('UploadsTable')}"
    writes = [f"dynamodb:{action}" for action in ("PutItem", "UpdateItem", "TransactWriteItems")]
    with denied(rig, "IngestRole", *writes, resource=table):
        rig.client("s3").put_object(Bucket=rig.outputs["PhotosBucket"], Key="dropbox/unwritten.jpg", Body=data)
        assert not ingest("unwritten.jpg")
        assert rig.objects("dropbox/unwritten") == ["dropbox/unwritten.jpg"]
        assert rig.objects("rejected/unwritten") == []
    eventually(lambda: ingest("unwritten.jpg"))  # the queue may take it at the same moment
    assert rig.objects("dropbox/unwritten") == []
    assert uploader.erase("unwritten").status_code == 200


def test_erasing_takes_delete_markers_along(rig, uploader):
    """Whoever deletes an object in the console of S3 leaves a marker, whose key has the person's id in it."""
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
