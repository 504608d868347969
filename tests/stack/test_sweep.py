"""What the sweep catches up on: files without an event, photos without a record, settled dead letters."""

import json
from contextlib import contextmanager

import pytest

from tests.awaiting import eventually
from tests.stack.dropbox import ADA, GRACE
from tests.stack.test_faults import denied

ORPHAN = "photos/{}/00000000000000000000000000000000.jpg"


def sweep(rig, task, **event):
    """Run the sweep as a schedule does, for files and photos of any age."""
    payload = json.dumps({"task": task, "older_than": 0} | event)
    result = rig.client("lambda").invoke(FunctionName=rig.outputs["SweepFunction"], Payload=payload)
    answer = json.load(result["Payload"])
    assert ("FunctionError" in result) is ("errorMessage" in answer)
    return answer


@contextmanager
def no_events(rig):
    """Send no events about new files, as in the first minutes after a deploy."""
    rule = {"Name": rig.physical_id("DropBoxRule")}
    rig.client("events").disable_rule(**rule)
    yield
    rig.client("events").enable_rule(**rule)


@pytest.fixture
def bucket(rig):
    return rig.outputs["PhotosBucket"]


def test_schedules_run_the_sweep(rig):
    events, found = rig.client("events"), {}
    for rule in events.list_rules()["Rules"]:
        if "ScheduleExpression" in rule:
            [target] = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
            assert target["Arn"].endswith(f":{rig.outputs['SweepFunction']}")
            found[rule["ScheduleExpression"]] = json.loads(target["Input"])["task"]
    assert found == {"rate(10 minutes)": "files", "rate(1 day)": "photos"}


def test_a_file_without_an_event_is_ingested_after_a_sweep(rig, drop, ingested, uploader):
    with no_events(rig):
        drop("missed.jpg", ADA)
        assert sweep(rig, "files", older_than=600)["queued"] == 0  # its event may still arrive
        eventually(lambda: sweep(rig, "files")["queued"])
    assert ingested("missed", "missed.jpg")["status"] == "accepted"
    assert uploader.record("missed").status_code == 200


def test_a_rejected_file_that_could_not_be_moved_is_queued_only_for_an_administrator(rig, ingested, bucket):
    archived = {"Bucket": bucket, "Key": "dropbox/kept.jpg", "Body": ADA, "StorageClass": "GLACIER"}
    rig.client("s3").put_object(**archived)
    first = ingested("kept", "kept.jpg")
    eventually(lambda: rig.waiting("IngestQueue") == 0)
    assert sweep(rig, "files")["queued"] == 0
    assert ingested("kept", "kept.jpg") == first
    eventually(lambda: sweep(rig, "files", rejected=True)["queued"])
    eventually(lambda: ingested("kept", "kept.jpg") != first)


def test_only_dead_letters_about_files_that_no_longer_exist_are_deleted(rig, drop):
    sqs, queue = rig.client("sqs"), rig.outputs["IngestDeadLetterQueue"]
    with no_events(rig):
        drop("stays.jpg", ADA)
        for name in ("gone.jpg", "stays.jpg"):
            body = json.dumps({"detail": {"object": {"key": f"dropbox/{name}"}}})
            sqs.send_message(QueueUrl=queue, MessageBody=body)
        answer = sweep(rig, "files")
    assert answer == {"queued": 0, "dead_letters_deleted": 1}
    [dead_letter] = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert json.loads(dead_letter["Body"])["detail"]["object"]["key"] == "dropbox/stays.jpg"
    sqs.purge_queue(QueueUrl=queue)
    rig.client("s3").delete_object(Bucket=rig.outputs["PhotosBucket"], Key="dropbox/stays.jpg")


def test_only_photos_that_no_record_points_to_are_superseded(rig, uploader, stranger, bucket):
    url = uploader.upload("swept", ADA).json()["url"]
    for user_id in ("swept", "sweptnobody"):
        rig.client("s3").put_object(Bucket=bucket, Key=ORPHAN.format(user_id), Body=GRACE)
    assert sweep(rig, "photos", older_than=1200) == {"superseded": 0}  # their uploads may be in progress
    assert sweep(rig, "photos")["superseded"] >= 2
    assert [key for key in rig.objects("photos/swept") if "0000" in key] == []
    assert len([key for key in rig.objects("superseded/swept") if "0000" in key]) == 2
    assert stranger.get(url).status_code == stranger.get("/photos/swept.jpg").status_code == 200
    uploader.erase("sweptnobody")


@pytest.mark.parametrize("action", ["dynamodb:GetItem", "s3:GetObjectVersion", "s3:PutObject"])
def test_the_sweep_removes_no_photo_if_it_lacks_a_permission(rig, uploader, stranger, bucket, action):
    url = uploader.upload("unswept", ADA).json()["url"]
    key = ORPHAN.format("unswept")
    rig.client("s3").put_object(Bucket=bucket, Key=key, Body=GRACE)
    with denied(rig, "SweepRole", action):
        sweep(rig, "photos")
    assert key in rig.objects(key)
    assert stranger.get(url).status_code == 200
    uploader.erase("unswept")


@pytest.mark.parametrize("action", ["s3:ListBucketVersions", "sqs:GetQueueAttributes", "s3:ListBucket"])
def test_a_sweep_that_cannot_list_files_or_queues_fails(rig, action):
    sqs, queue = rig.client("sqs"), rig.outputs["IngestDeadLetterQueue"]
    eventually(lambda: rig.waiting("IngestQueue") == 0)
    body = json.dumps({"detail": {"object": {"key": "dropbox/gone.jpg"}}})
    sqs.send_message(QueueUrl=queue, MessageBody=body)
    with denied(rig, "SweepRole", action):
        assert "does not answer at the moment" in sweep(rig, "files")["errorMessage"]
    sqs.purge_queue(QueueUrl=queue)
