"""`headshot status`: what it counts, and when its exit code is 1."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from headshot_cli import status as module
from headshot_cli.status import Files, Photos, Queue, Status
from local import portrait
from tests.cli.records import _with_identity_provider, published, recorded
from tests.stack.test_sweep import no_events

__all__ = ["_with_identity_provider", "recorded"]

HEALTHY = Status(
    photos=Photos(total=7, by_status={"published": 4, "retrying": 1, "waiting": 1, "untried": 1}, overdue=0),
    drop_box=Files(total=5, late=0),
    ingest=Queue(waiting=5, failed=0),
    publish=Queue(waiting=1, failed=0),
    failed_runs=0,
    alarms=[],
    silent_alarms=[],
)


def test_photos_and_files_that_wait_are_healthy():
    assert HEALTHY.is_healthy
    assert replace(HEALTHY, publish=None).is_healthy


@pytest.mark.parametrize(
    "change",
    [
        {"photos": replace(HEALTHY.photos, by_status={"failed": 1})},
        {"photos": replace(HEALTHY.photos, overdue=1)},
        {"photos": replace(HEALTHY.photos, lost=1)},
        {"drop_box": Files(total=5, late=1)},
        {"ingest": Queue(waiting=0, failed=1)},
        {"publish": Queue(waiting=0, failed=1)},
        {"failed_runs": 1},
        {"alarms": ["The API returns 5xx errors."]},
        {"silent_alarms": ["The topic does not exist."]},
    ],
)
def test_a_failure_a_delay_or_an_alarm_is_not_healthy(change):
    status = replace(HEALTHY, **change)
    assert not status.is_healthy
    assert status.public()["is_healthy"] is False


def test_people_read_labels_and_scripts_read_names():
    assert HEALTHY.labelled() == {
        "photos": 7,
        "photos published": 4,
        "photos retrying": 1,
        "photos not tried": 1,
        "photos waiting for the account": 1,
        "files in the drop box": 5,
        "files there for over 30 minutes": 0,
        "files waiting": 5,
        "failed files": 0,
        "photos waiting to be published": 1,
        "failed photos": 0,
        "failed runs": 0,
        "alarms": [],
        "silent alarms": [],
    }
    assert HEALTHY.public() == {
        "is_healthy": True,
        "photos": {
            "total": 7,
            "by_status": {"published": 4, "retrying": 1, "waiting": 1, "untried": 1},
            "overdue": 0,
            "lost": 0,
        },
        "drop_box": {"total": 5, "late": 0},
        "ingest": {"waiting": 5, "failed": 0},
        "publish": {"waiting": 1, "failed": 0},
        "failed_runs": 0,
        "alarms": [],
        "silent_alarms": [],
    }


def test_the_command_counts_and_fails_if_a_file_failed(rig, headshot, uploader):
    uploader.upload("status", portrait.jpeg("status", (128, 128)))
    code, printed, _ = headshot("status", "--json")
    found = json.loads(printed)
    assert found["photos"]["total"] >= 1
    assert (code, found["ingest"]["failed"], found["publish"]) == (0, 0, None)
    sqs, queue = rig.client("sqs"), rig.outputs["IngestDeadLetterQueue"]
    sqs.send_message(QueueUrl=queue, MessageBody='{"detail": {"object": {"key": "dropbox/none.jpg"}}}')
    code, printed, _ = headshot("status")
    assert code == 1
    assert re.search("^failed files +1$", printed, re.MULTILINE)
    sqs.purge_queue(QueueUrl=queue)


def test_the_command_counts_failed_runs_and_fails(rig, headshot):
    sqs, queue = rig.client("sqs"), rig.outputs["FailedRunsQueue"]
    sqs.send_message(QueueUrl=queue, MessageBody='{"requestPayload": {"task": "files"}}')
    code, printed, _ = headshot("status", "--json")
    assert (code, json.loads(printed)["failed_runs"]) == (1, 1)
    assert re.search("^failed runs +1$", headshot("status")[1], re.MULTILINE)
    sqs.purge_queue(QueueUrl=queue)


@pytest.mark.usefixtures("_with_identity_provider")
def test_a_photo_that_publish_has_not_tried_for_long_is_not_healthy(headshot, recorded):
    recorded("untried1", ago=timedelta(minutes=14))
    recorded("_default", ago=timedelta(days=300))
    before = json.loads(headshot("status", "--json")[1])["photos"]
    assert before["overdue"] == 0
    recorded("untried2", ago=timedelta(minutes=16))
    recorded("waiting", published("waiting", "Okta does not know this user."), timedelta(hours=5))
    code, printed, _ = headshot("status", "--json")
    found = json.loads(printed)["photos"]
    assert (code, found["overdue"], found["by_status"]["waiting"]) == (1, 1, 1)
    assert found["total"] == before["total"] + 2
    assert re.search("^photos not tried for 15 minutes +1$", headshot("status")[1], re.MULTILINE)


def test_without_an_identity_provider_untried_photos_are_healthy(headshot, recorded):
    recorded("untried3", ago=timedelta(days=3))
    assert headshot("status")[0] == 0


def test_files_that_stay_in_the_drop_box_are_not_healthy(rig, headshot, monkeypatch):
    keys = ("dropbox/commandlate.jpg", "dropbox/commandfolder/")
    with no_events(rig):
        for key, body in zip(keys, (b"no picture", b""), strict=True):
            rig.client("s3").put_object(Bucket=rig.outputs["PhotosBucket"], Key=key, Body=body)
        code, printed, _ = headshot("status")
        assert code == 0
        assert re.search("^files in the drop box +1$", printed, re.MULTILINE)
        assert re.search("^files there for over 30 minutes +0$", printed, re.MULTILINE)
        monkeypatch.setattr(module, "LATE_AFTER", timedelta(0))
        code, printed, _ = headshot("status")
        assert (code, json.loads(headshot("status", "--json")[1])["drop_box"]) == (1, {"total": 1, "late": 1})
        for key in keys:
            rig.client("s3").delete_object(Bucket=rig.outputs["PhotosBucket"], Key=key)


def test_an_alarm_that_is_on_is_described(rig, headshot):
    assert re.search("^alarms +none$", headshot("status")[1], re.MULTILINE)
    alarm = {"AlarmName": rig.physical_id("ApiErrorsAlarm"), "StateReason": "tried"}
    [described] = rig.client("cloudwatch").describe_alarms(AlarmNames=[alarm["AlarmName"]])["MetricAlarms"]
    rig.client("cloudwatch").set_alarm_state(**alarm, StateValue="ALARM")
    code, printed, _ = headshot("status", "--json")
    assert (code, json.loads(printed)["alarms"]) == (1, [described["AlarmDescription"]])
    assert f"alarms                           {described['AlarmDescription']}" in headshot("status")[1]
    rig.client("cloudwatch").set_alarm_state(**alarm, StateValue="OK")
