"""From a file in the drop box to a photo."""

import json
import os
import random

import pytest
from PIL import Image

from local import portrait
from local.stack import PROJECT
from tests import pictures
from tests.awaiting import eventually
from tests.stack.dropbox import ADA, GRACE, listed, upload_id_of
from tests.stack.test_faults import denied


def test_files_named_after_their_users_become_their_photos(rig, drop, ingested, uploader, stranger):
    names = {"box1": "box1.jpg", "box2@example.com": "box2@example.com.JPEG", "box.three": "box.three"}
    for name in names.values():
        drop(name, ADA)
    for user_id, name in names.items():
        upload = ingested(user_id, name)
        record = uploader.record(user_id).json()
        assert upload == {
            "user_id": user_id,
            "upload_id": upload_id_of(name),
            "status": "accepted",
            "at": upload["at"],
            "file": name,
            "principal": None,
            "url": record["url"],
            "code": None,
            "detail": None,
        }
        assert record["principal"] == "drop box"
        assert pictures.read_clean(stranger.get(record["url"]).content).size == (300, 300)
    eventually(lambda: rig.objects("dropbox/box") == [])


def test_folders_made_in_the_s3_console_are_ignored(rig, drop, ingested, uploader):
    for name in ("", "folder/"):
        drop(name, b"")
    sqs, names = rig.client("sqs"), ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    queue = {"QueueUrl": rig.outputs["IngestQueue"], "AttributeNames": names}
    drop("after-folders.jpg", ADA)
    ingested("after-folders", "after-folders.jpg")
    eventually(lambda: not any(map(int, sqs.get_queue_attributes(**queue)["Attributes"].values())))
    assert {"dropbox/", "dropbox/folder/"} <= set(rig.objects("dropbox/"))
    assert uploader.get("/users/folder/photo/uploads").json() == {"uploads": []}


def test_everyones_uploads_are_listed_by_status(drop, ingested, uploader):
    drop("listed1.jpg", ADA)
    drop("listed2.jpg", b"no picture")
    accepted, rejected = ingested("listed1", "listed1.jpg"), ingested("listed2", "listed2.jpg")
    assert accepted in listed(uploader, "accepted")
    assert rejected in listed(uploader, "rejected")
    assert rejected not in listed(uploader, "accepted")


@pytest.mark.parametrize("query", ["status=lost", "start_after=nothing", "start_after=%2Fx"])
def test_an_invalid_query_is_rejected(uploader, query):
    answer = uploader.get(f"/uploads?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-query")


def noise(side):
    """A picture that no format compresses."""
    return Image.frombytes("RGB", (side, side), random.Random(0).randbytes(3 * side * side))


def test_files_over_the_direct_limit_are_accepted_up_to_25_mb(drop, ingested, uploader):
    large = pictures.encode(noise(1500), "PNG")
    assert 4_500_000 < len(large) < 25_000_000
    direct = uploader.upload("large", large, "image/png")
    assert (direct.status_code, direct.json()["code"]) == (413, "image-too-large")
    assert "/photo/uploads" in direct.json()["detail"]
    drop("large.png", large)
    assert ingested("large", "large.png")["status"] == "accepted"
    drop("toolarge.jpg", ADA + bytes(25_000_001 - len(ADA)))
    upload = ingested("toolarge", "toolarge.jpg")
    assert (upload["status"], upload["code"]) == ("rejected", "image-too-large")
    assert "25,000,001 bytes" in upload["detail"]


def test_of_two_files_of_one_name_the_newer_one_counts(rig, drop, uploader, ingested):
    with denied(rig, "IngestRole", "s3:ListBucketVersions"):
        drop("twice.jpg", ADA)
        drop("twice.jpg", GRACE)
    version = uploader.upload("expected", GRACE).json()["version"]
    assert ingested("twice", "twice.jpg")["url"].endswith(f"{version}.jpg")
    eventually(lambda: rig.objects("dropbox/twice") == [])


def test_a_message_that_is_delivered_twice_does_no_harm(rig, drop, ingested, uploader):
    drop("again.jpg", ADA)
    ingested("again", "again.jpg")
    eventually(lambda: rig.objects("dropbox/again") == [])
    record = uploader.record("again").json()
    event = json.loads((PROJECT / "events/ingest-queue.json").read_text())
    event["Records"][0]["body"] = json.dumps({"detail": {"object": {"key": "dropbox/again.jpg"}}})
    result = rig.client("lambda").invoke(FunctionName=rig.physical_id("IngestFunction"), Payload=json.dumps(event))
    assert json.load(result["Payload"]) == {"batchItemFailures": []}
    assert uploader.record("again").json() == record


def test_a_folder_of_many_is_imported_completely(drop, uploader, rig):
    names = [f"many{number:03}" for number in range(60)]
    for number, name in enumerate(names):
        drop(f"{name}.jpg", os.urandom(100) if number % 10 == 9 else portrait.jpeg(name, (128, 128)))
    eventually(lambda: rig.objects("dropbox/many") == [])
    statuses = [uploader.get(f"/users/{name}/photo/uploads").json()["uploads"][0]["status"] for name in names]
    assert statuses.count("accepted") == 54
    assert [number for number, status in enumerate(statuses) if status == "rejected"] == list(range(9, 60, 10))
