"""From a file in the drop box to a photo, or to a reason why not."""

import hashlib
import json
import os
import random
import subprocess
import sys
from functools import partial
from urllib.parse import quote

import pytest
from PIL import Image

from local import portrait
from local.stack import PROJECT
from tests import pictures
from tests.awaiting import eventually
from tests.stack.test_faults import denied

ADA, GRACE = (portrait.jpeg(name, (300, 400)) for name in ("Ada Lovelace", "Grace Hopper"))


@pytest.fixture
def fails_once_only(rig):
    """Move messages to the dead-letter queue after one try, where ten take an hour."""
    sqs, queue = rig.client("sqs"), rig.outputs["IngestQueue"]
    names = ["RedrivePolicy"]
    policy = json.loads(sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]["RedrivePolicy"])

    def allow(tries):
        changed = {"RedrivePolicy": json.dumps(policy | {"maxReceiveCount": tries})}
        sqs.set_queue_attributes(QueueUrl=queue, Attributes=changed)

    allow(1)
    yield
    allow(policy["maxReceiveCount"])


@pytest.fixture
def drop(rig):
    """Copy a file into the drop box, as `aws s3 cp` does."""
    return lambda name, data: rig.client("s3").put_object(
        Bucket=rig.outputs["PhotosBucket"], Key=f"dropbox/{name}", Body=data
    )


@pytest.fixture
def settled(uploader):
    """Wait for the outcome of an upload, and return it."""

    def found(user_id, upload_id):
        answer = uploader.get(f"/users/{user_id}/photo/uploads/{upload_id}")
        return answer.status_code == 200 and answer.json()["status"] != "waiting" and answer.json()

    return lambda user_id, upload_id: eventually(partial(found, user_id, upload_id))


@pytest.fixture
def outcome(settled):
    """Wait for the outcome of a file that is named after its user, and return it."""
    return lambda user_id, name: settled(user_id, upload_id_of(name))


def upload_id_of(name):
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def test_files_named_after_their_users_become_their_photos(rig, drop, outcome, uploader, stranger):
    names = {"box1": "box1.jpg", "box2@example.com": "box2@example.com.JPEG", "box.three": "box.three"}
    for name in names.values():
        drop(name, ADA)
    for user_id, name in names.items():
        found = outcome(user_id, name)
        record = uploader.record(user_id).json()
        assert found == {
            "user_id": user_id,
            "upload_id": upload_id_of(name),
            "status": "accepted",
            "at": found["at"],
            "file": name,
            "principal": None,
            "url": record["url"],
            "code": None,
            "detail": None,
        }
        assert record["principal"] == "drop box"
        assert pictures.read_clean(stranger.get(record["url"]).content).size == (300, 300)
    eventually(lambda: rig.objects("dropbox/box") == [])


def test_a_file_that_is_no_picture_is_kept_with_the_reason(rig, drop, outcome, uploader):
    drop("rejected1.jpg", b"no picture")
    found = outcome("rejected1", "rejected1.jpg")
    assert (found["status"], found["code"], found["url"]) == ("rejected", "unsupported-format", None)
    assert found["detail"].startswith("The file is not a picture that Headshot reads.")
    assert uploader.record("rejected1").status_code == 404
    eventually(lambda: rig.objects("dropbox/rejected1") == [])
    assert rig.objects("rejected/rejected1") == ["rejected/rejected1.jpg"]
    assert uploader.get("/users/rejected1/photo/uploads").json() == {"uploads": [found]}


def test_a_rejected_file_leaves_its_tags_behind(rig, outcome):
    """Copying them would need a permission that the function does not have."""
    s3, bucket = rig.client("s3"), rig.outputs["PhotosBucket"]
    s3.put_object(Bucket=bucket, Key="dropbox/tagged.jpg", Body=b"no picture", Tagging="team=people")
    assert outcome("tagged", "tagged.jpg")["status"] == "rejected"
    eventually(lambda: rig.objects("dropbox/tagged") == [])
    assert s3.get_object_tagging(Bucket=bucket, Key="rejected/tagged.jpg")["TagSet"] == []


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("archived", {"StorageClass": "GLACIER"}),
        ("encrypted", {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": bytes(32)}),
    ],
)
def test_a_file_that_s3_does_not_hand_out_is_rejected_at_once_and_stays(rig, outcome, name, options):
    bucket = rig.outputs["PhotosBucket"]
    rig.client("s3").put_object(Bucket=bucket, Key=f"dropbox/{name}.jpg", Body=ADA, **options)
    found = outcome(name, f"{name}.jpg")
    assert (found["status"], found["code"]) == ("rejected", "unreadable-file")
    assert rig.objects(f"dropbox/{name}") == [f"dropbox/{name}.jpg"]
    assert rig.objects(f"rejected/{name}") == []


@pytest.mark.parametrize(
    ("name", "user_id"),
    [
        ("not a user id.jpg", "not a user id"),
        ("boxed%40example.com.jpg", "boxed%40example.com"),
        ("what?.jpg", "what?"),
        (".jpg", ".jpg"),
        ("/nobodys.jpg", "?"),
        ("-/", "-"),
    ],
)
def test_a_file_whose_name_is_no_user_id_is_rejected(drop, uploader, name, user_id):
    drop(name, ADA)
    [found] = eventually(partial(rejected_as, uploader, name))
    assert (found["user_id"], found["code"]) == (user_id, "invalid-user-id")
    start_after = quote(f"{user_id}/{found['upload_id']}", safe="")
    assert uploader.get(f"/uploads?start_after={start_after}").status_code == 200


def test_a_file_in_a_folder_is_rejected_and_goes_with_the_person_of_that_name(rig, drop, uploader):
    drop("infolder/ada.jpg", ADA)
    [found] = eventually(partial(rejected_as, uploader, "infolder/ada.jpg"))
    assert (found["user_id"], found["code"]) == ("infolder", "invalid-user-id")
    assert found["detail"].startswith("Files in folders are not accepted.")
    assert uploader.record("infolder").status_code == 404
    eventually(lambda: rig.objects("dropbox/infolder/") == [])
    uploader.erase("infolder")
    assert rig.objects("rejected/infolder/") == []
    assert rejected_as(uploader, "infolder/ada.jpg") == []


def test_folders_made_in_the_console_of_s3_are_left_alone(rig, drop, outcome, uploader):
    for name in ("", "folder/"):
        drop(name, b"")
    sqs, names = rig.client("sqs"), ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    queue = {"QueueUrl": rig.outputs["IngestQueue"], "AttributeNames": names}
    drop("after-folders.jpg", ADA)
    outcome("after-folders", "after-folders.jpg")
    eventually(lambda: not any(map(int, sqs.get_queue_attributes(**queue)["Attributes"].values())))
    assert {"dropbox/", "dropbox/folder/"} <= set(rig.objects("dropbox/"))
    assert uploader.get("/users/folder/photo/uploads").json() == {"uploads": []}


def rejected_as(uploader, name):
    return [item for item in listed(uploader, "rejected") if item["file"] == name]


def listed(uploader, status):
    """Everybody's uploads of one status, page after page."""
    page = uploader.get(f"/uploads?status={status}").json()
    found = page["uploads"]
    while page["start_after"]:
        page = uploader.get(f"/uploads?start_after={quote(page['start_after'], safe='')}&status={status}").json()
        found += page["uploads"]
    return found


def test_everybodys_outcomes_are_listed_by_state(drop, outcome, uploader):
    drop("listed1.jpg", ADA)
    drop("listed2.jpg", b"no picture")
    accepted, rejected = outcome("listed1", "listed1.jpg"), outcome("listed2", "listed2.jpg")
    assert accepted in listed(uploader, "accepted")
    assert rejected in listed(uploader, "rejected")
    assert rejected not in listed(uploader, "accepted")


@pytest.mark.parametrize("query", ["status=lost", "start_after=nothing", "start_after=%2Fx"])
def test_a_query_that_makes_no_sense_is_rejected(uploader, query):
    answer = uploader.get(f"/uploads?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid-query")


def noise(side):
    """A picture that no format makes smaller."""
    return Image.frombytes("RGB", (side, side), random.Random(0).randbytes(3 * side * side))


def test_files_over_the_direct_limit_are_accepted_up_to_25_mb(drop, outcome, uploader):
    large = pictures.encode(noise(1500), "PNG")
    assert 4_500_000 < len(large) < 25_000_000
    direct = uploader.upload("large", large, "image/png")
    assert (direct.status_code, direct.json()["code"]) == (413, "image-too-large")
    assert "/photo/uploads" in direct.json()["detail"]
    drop("large.png", large)
    assert outcome("large", "large.png")["status"] == "accepted"
    drop("toolarge.jpg", ADA + bytes(25_000_001 - len(ADA)))
    found = outcome("toolarge", "toolarge.jpg")
    assert (found["status"], found["code"]) == ("rejected", "image-too-large")
    assert "25,000,001 bytes" in found["detail"]


def test_of_two_files_under_one_name_the_newer_one_counts(rig, drop, uploader, outcome):
    with denied(rig, "IngestRole", "s3:ListBucketVersions"):
        drop("twice.jpg", ADA)
        drop("twice.jpg", GRACE)
    version = uploader.upload("expected", GRACE).json()["version"]
    assert outcome("twice", "twice.jpg")["url"].endswith(f"{version}.jpg")
    eventually(lambda: rig.objects("dropbox/twice") == [])


@pytest.mark.parametrize("action", ["s3:PutObject", "dynamodb:PutItem", "s3:DeleteObjectVersion"])
def test_a_failure_of_aws_leaves_the_file_until_it_can_be_taken(rig, drop, outcome, action):
    name = f"fault-{action.partition(':')[2]}".lower()
    with denied(rig, "IngestRole", action):
        drop(f"{name}.jpg", ADA)
        eventually(lambda: "1 partial" in last_result(rig))
        assert rig.objects(f"dropbox/{name}") == [f"dropbox/{name}.jpg"]
    assert outcome(name, f"{name}.jpg")["status"] == "accepted"
    eventually(lambda: rig.objects(f"dropbox/{name}") == [])
    assert len(rig.objects(f"photos/{name}/")) >= 1


def last_result(rig):
    mapping = rig.physical_id("IngestFunctionQueue")
    return rig.client("lambda").get_event_source_mapping(UUID=mapping)["LastProcessingResult"]


@pytest.mark.usefixtures("fails_once_only")
def test_a_file_that_was_given_up_is_taken_when_an_administrator_says_so(rig, drop, outcome):
    sqs, letters = rig.client("sqs"), rig.outputs["IngestDeadLetterQueue"]
    with denied(rig, "IngestRole", "s3:ListBucketVersions"):
        drop("givenup.jpg", ADA)
        eventually(lambda: int(waiting(sqs, letters)) > 0, 60)
    command = [sys.executable, "-m", "headshot_cli", "retry"]
    done = subprocess.run(
        command, cwd=PROJECT, env=rig.emulator.environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("dropbox/givenup.jpg: "), done.stderr
    assert outcome("givenup", "givenup.jpg")["status"] == "accepted"
    assert int(waiting(sqs, letters)) == 0


def waiting(sqs, url):
    names = ["ApproximateNumberOfMessages"]
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"][names[0]]


def test_a_message_that_comes_again_does_no_harm(rig, drop, outcome, uploader):
    drop("again.jpg", ADA)
    outcome("again", "again.jpg")
    eventually(lambda: rig.objects("dropbox/again") == [])
    record = uploader.record("again").json()
    event = json.loads((PROJECT / "events/ingest-queue.json").read_text())
    event["Records"][0]["body"] = json.dumps({"detail": {"object": {"key": "dropbox/again.jpg"}}})
    result = rig.client("lambda").invoke(FunctionName=rig.physical_id("IngestFunction"), Payload=json.dumps(event))
    assert json.load(result["Payload"]) == {"batchItemFailures": []}
    assert uploader.record("again").json() == record


def test_a_folder_of_many_is_a_complete_import(drop, uploader, rig):
    names = [f"many{number:03}" for number in range(60)]
    for number, name in enumerate(names):
        drop(f"{name}.jpg", os.urandom(100) if number % 10 == 9 else portrait.jpeg(name, (128, 128)))
    eventually(lambda: rig.objects("dropbox/many") == [], 60)
    statuses = [uploader.get(f"/users/{name}/photo/uploads").json()["uploads"][0]["status"] for name in names]
    assert statuses.count("accepted") == 54
    assert [number for number, status in enumerate(statuses) if status == "rejected"] == list(range(9, 60, 10))
