"""The administrators' command, as its user runs it."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

import pytest
from boto3.dynamodb.types import TypeSerializer

from headshot_cli import records, retry
from headshot_cli.stack import Stack
from local import portrait
from local.stack import PROJECT
from tests.awaiting import eventually
from tests.stack.test_faults import denied
from tests.stack.test_sweep import no_events

ADA = portrait.jpeg("Ada Lovelace", (300, 400))


@pytest.fixture
def portrait_file(tmp_path):
    file = tmp_path / "ada.jpg"
    file.write_bytes(ADA)
    return str(file)


def test_a_photo_is_put_shown_listed_and_checked(headshot, portrait_file, uploader):
    code, url, _ = headshot("put", "command@example.com", portrait_file)
    record = uploader.record("command@example.com").json()
    assert (code, url) == (0, record["url"] + "\n")

    shown = headshot("show", "command@example.com")[1].splitlines()
    assert {f"url        {record['url']}", "published  not tried"} <= set(shown)
    assert json.loads(headshot("show", "command@example.com", "--json")[1]) == record

    lines = [line.split("\t") for line in headshot("list")[1].splitlines()]
    assert ["command@example.com", record["updated"], "not tried", record["url"], ""] in lines
    assert "command@example.com" in [row["user_id"] for row in json.loads(headshot("list", "--json")[1])]

    code, steps, _ = headshot("check", "command@example.com")
    assert (code, [line[:4] for line in steps.splitlines()]) == (0, ["ok  "] * 5)


def test_rejected_files_are_listed_with_the_reason(rig, headshot):
    bucket = rig.outputs["PhotosBucket"]
    rig.client("s3").put_object(Bucket=bucket, Key="dropbox/commandrefused.jpg", Body=b"no picture")

    def listed():
        return [
            row for row in json.loads(headshot("list", "--rejected", "--json")[1]) if row["user_id"] == "commandrefused"
        ]

    [row] = eventually(listed)
    assert (row["file"], row["code"]) == ("commandrefused.jpg", "unsupported-format")


def test_names_from_outside_are_listed_as_they_are(rig, headshot, monkeypatch):
    names = ["commandmarkup[/red].jpg", "commandmarkup[link=https://example.com].jpg", "commandmarkup\u202e.jpg"]
    for name in names:
        rig.client("s3").put_object(Bucket=rig.outputs["PhotosBucket"], Key=f"dropbox/{name}", Body=b"no picture")

    def listed():
        found = json.loads(headshot("list", "--rejected", "--json")[1])
        return sum(row["user_id"].startswith("commandmarkup") for row in found) == len(names)

    eventually(listed)
    lines = [line.split("\t") for line in headshot("list", "--rejected")[1].splitlines()]
    assert {len(line) for line in lines} == {6}
    assert r"commandmarkup\u202e.jpg" in [line[1] for line in lines]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")
    code, printed, _ = headshot("list", "--rejected")
    assert (code, "\x1b" in printed) == (0, False)
    for shown in ("red].jpg", "commandmarkup[link=https:", r"commandmarkup\u202e.jpg"):
        assert shown in printed


def test_what_is_sent_again_is_told_by_its_name(rig, headshot):
    key = "dropbox/[/red]\u202e.jpg"
    body = json.dumps({"detail": {"object": {"key": key}}})
    with no_events(rig):
        rig.client("s3").put_object(Bucket=rig.outputs["PhotosBucket"], Key=key, Body=b"no picture")
    rig.client("sqs").send_message(QueueUrl=rig.outputs["IngestDeadLetterQueue"], MessageBody=body)
    printed = headshot("retry")[1].splitlines()
    eventually(lambda: not rig.objects(key))
    assert r"dropbox/[/red]\u202e.jpg: it failed too often; the function's log says why" in printed


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_is_told_of_in_one_line(rig):
    command = [sys.executable, "-m", "headshot_cli", "status"]
    with Path("/dev/full").open("w") as full:
        environment = rig.emulator.environment
        done = subprocess.run(
            command, cwd=PROJECT, env=environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (1, "The output cannot be written: No space left on device.\n")


def test_the_status_counts_and_tells_by_its_exit_code_whether_anything_was_given_up(rig, headshot, portrait_file):
    headshot("put", "status", portrait_file)
    code, printed, _ = headshot("status", "--json")
    found = json.loads(printed)
    assert found["photos"] >= 1
    assert (code, found["files given up"]) == (0, 0)
    sqs, letters = rig.client("sqs"), rig.outputs["IngestDeadLetterQueue"]
    sqs.send_message(QueueUrl=letters, MessageBody='{"detail": {"object": {"key": "dropbox/none.jpg"}}}')
    code, printed, _ = headshot("status")
    assert code == 1
    assert re.search("^files given up +1$", printed, re.MULTILINE)
    sqs.purge_queue(QueueUrl=letters)


@pytest.fixture
def recorded(rig):
    """Write records of photos into the table, as they are some time after the upload."""
    table, client, written = rig.outputs["RecordsTable"], rig.client("dynamodb"), []

    def write(user_id, published=None, ago=timedelta()):
        updated = (datetime.now(UTC) - ago).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        record = {"user_id": user_id, "updated": updated, "url": f"https://photos.example.com/{user_id}.jpg"}
        record |= {"published": published, "created": updated, "version": "0" * 32, "s3_version_id": "1"}
        record |= {"width": 64, "height": 64, "bytes": 1, "principal": "test"}
        client.put_item(TableName=table, Item=TypeSerializer().serialize(record)["M"])
        written.append({"user_id": {"S": user_id}})

    yield write
    for key in written:
        client.delete_item(TableName=table, Key=key)


@pytest.fixture
def _published_to(rig, monkeypatch):
    """Have the stack be one with an identity provider."""
    queues = {
        "PublishQueue": rig.outputs["IngestQueue"],
        "PublishDeadLetterQueue": rig.outputs["IngestDeadLetterQueue"],
    }
    monkeypatch.setattr(Stack, "_outputs", rig.outputs | queues)


def published(status, error=None):
    return {"status": status, "at": "2026-11-23T22:25:35.713Z", "attempts": 3, "error": error}


@pytest.mark.usefixtures("_published_to")
def test_a_photo_that_was_not_tried_for_long_is_not_healthy(headshot, recorded):
    name = "photos not tried for 15 minutes"
    recorded("untried1", ago=timedelta(minutes=14))
    recorded("_default", ago=timedelta(days=300))
    before = json.loads(headshot("status", "--json")[1])
    assert (before.get(name, 0), before["photos never"]) == (0, 1)
    recorded("untried2", ago=timedelta(minutes=16))
    recorded("waiting", published("waiting", "Okta does not know this user."), timedelta(hours=5))
    code, printed, _ = headshot("status", "--json")
    found = json.loads(printed)
    assert (code, found[name], found["photos waiting for the account"]) == (1, 1, 1)
    assert found["photos"] == before["photos"] + 2


def test_without_an_identity_provider_no_photo_is_ever_tried(headshot, recorded):
    recorded("untried3", ago=timedelta(days=3))
    assert headshot("status")[0] == 0


def test_who_waits_for_an_account_is_told_from_who_failed(headshot, recorded):
    recorded("listed1", published("waiting", "Okta does not know this user."))
    recorded("listed2", published("failed", "Okta rejects."))
    recorded("listed3", published("published"))
    recorded("_default")
    lines = [line.split("\t") for line in headshot("list", "--unpublished")[1].splitlines()]
    rows = {line[0]: (line[2], line[4]) for line in lines if line[0].startswith(("listed", "_"))}
    assert rows == {
        "listed1": ("waiting for the account", "Okta does not know this user."),
        "listed2": ("failed", "Okta rejects."),
    }
    shown = headshot("show", "listed1")[1]
    assert "published  waiting for the account at 2026-11-23T22:25:35.713Z (attempts: 3): Okta does not know" in shown


def test_files_that_lie_in_the_drop_box_are_counted_and_queued_by_retry(rig, headshot, monkeypatch):
    keys = ("dropbox/commandmissed.jpg", "dropbox/commandfolder/")
    with no_events(rig):
        for key, body in zip(keys, (ADA, b""), strict=True):
            rig.client("s3").put_object(Bucket=rig.outputs["PhotosBucket"], Key=key, Body=body)
        code, printed, _ = headshot("status")
        assert code == 0
        assert re.search("^files in the drop box +1$", printed, re.MULTILINE)
        assert re.search("^files there for over 30 minutes +0$", printed, re.MULTILINE)
        monkeypatch.setattr(records, "_LATE_AFTER", timedelta(0))
        code, printed, _ = headshot("status")
        assert code == 1
        assert re.search("^files there for over 30 minutes +1$", printed, re.MULTILINE)

        assert headshot("retry") == (0, "Sent again: 0\n", "")  # it may be on its way yet
        monkeypatch.setitem(retry._SWEEP, "older_than", 0)
        assert eventually(lambda: headshot("retry")[2]) == "Queued from the drop box: 1\n"
    eventually(lambda: not rig.objects(keys[0]))
    assert headshot("show", "commandmissed")[0] == 0


def test_a_sweep_that_fails_is_said_in_one_line(rig, headshot):
    with denied(rig, "SweepRole", "sqs:ReceiveMessage"):
        code, printed, error = headshot("retry")
    assert (code, printed) == (1, "")
    assert error.startswith("The drop box could not be swept: The photo store does not answer")
    assert len(error.splitlines()) == 1


def test_the_status_tells_which_alarm_sounds(rig, headshot):
    assert re.search("^alarms +none$", headshot("status")[1], re.MULTILINE)
    alarm = {"AlarmName": rig.physical_id("ApiErrorsAlarm"), "StateReason": "tried"}
    rig.client("cloudwatch").set_alarm_state(**alarm, StateValue="ALARM")
    code, printed, _ = headshot("status")
    assert code == 1
    assert re.search("^alarms +The API returns 5xx errors. See the log groups of serve and", printed, re.MULTILINE)
    rig.client("cloudwatch").set_alarm_state(**alarm, StateValue="OK")


@pytest.mark.parametrize(
    ("arguments", "environment", "message"),
    [
        (["show", "nobody"], {}, "There is no photo of nobody."),
        (["check", "nobody"], {}, "There is no photo of nobody."),
        (["show", "not a user id"], {}, "A user id has 1 to 254 characters"),
        (["show", "n/a"], {}, "; this one contains '/'. Use the"),
        (["put", "a/b", str(PROJECT / "LICENSE")], {}, "; this one contains '/'. Use the"),
        (["erase", "..", "--yes"], {}, "; this one begins with '.'. Use the"),
        (
            ["status", "--stack", "nowhere"],
            {},
            'The stack "nowhere" does not exist in account 000000000000, region us-east-1. Name another stack',
        ),
        (
            ["status"],
            {"HEADSHOT_STACK": "nowhere", "AWS_PROFILE": "people", "AWS_REGION": "eu-central-1"},
            'The stack "nowhere" does not exist in account 000000000000, region eu-central-1 (profile people).',
        ),
        (["status"], {"AWS_PROFILE": "nobody"}, "The config profile (nobody) could not be found"),
        (["status"], {"AWS_DEFAULT_REGION": None}, "No AWS region is set. Set AWS_REGION or AWS_DEFAULT_REGION"),
        (["put", "ada", str(PROJECT / "LICENSE")], {"AWS_DEFAULT_REGION": "", "AWS_REGION": ""}, "No AWS region"),
        (
            ["status"],
            {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None},
            "There are no AWS credentials. Set them up with: aws configure",
        ),
        (["status"], {"AWS_ENDPOINT_URL": "nonsense"}, "Invalid endpoint: nonsense. Check AWS_ENDPOINT_URL"),
        (
            ["status"],
            {"AWS_ENDPOINT_URL": "localhost:4566"},
            "Invalid endpoint: localhost:4566. Check AWS_ENDPOINT_URL",
        ),
        (["status"], {"AWS_ENDPOINT_URL": "http://[::1"}, "Check AWS_ENDPOINT_URL"),
        (["put", "command", "[/red]\x1b.jpg"], {}, r"[/red]\x1b.jpg cannot be read: No such file or directory."),
        (["put", "command", "."], {}, ". cannot be read: Is a directory."),
        (["contact-sheet", "--output", "nowhere/sheet.html"], {}, "nowhere/sheet.html cannot be written: No such"),
        (["reconcile"], {}, "has no identity provider"),
        (["list"], {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "cannot be read"),
    ],
)
def test_what_is_in_the_way_is_said_in_one_line(headshot, monkeypatch, tmp_path, arguments, environment, message):
    (tmp_path / "config").write_text("[profile people]\nregion = eu-west-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    for name, value in environment.items():
        if value is None:
            monkeypatch.delenv(name)
        else:
            monkeypatch.setenv(name, value)
    code, printed, error = headshot(*arguments)
    assert (code, printed) == (1, "")
    assert message in error
    assert len(error.strip().splitlines()) == 1


def test_a_stack_of_something_else_is_told_from_headshots(rig, headshot):
    template = '{"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}}'
    cloudformation = rig.client("cloudformation")
    cloudformation.create_stack(StackName="elsewhere", TemplateBody=template)
    cloudformation.get_waiter("stack_create_complete").wait(StackName="elsewhere", WaiterConfig={"Delay": 1})
    for command in ("status", "list", "retry", "reconcile"):
        error = 'The stack "elsewhere" is not Headshot\'s. Name the right one by --stack.'
        assert headshot(command, "--stack", "elsewhere") == (1, "", error)
    cloudformation.delete_stack(StackName="elsewhere")


def test_check_is_coloured_where_a_person_looks_unless_it_is_told_not_to(headshot, monkeypatch):
    assert "\x1b" not in headshot("check", "ftp://example.com")[1]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert headshot("check", "ftp://example.com")[1].startswith("\x1b[31mFAIL\x1b[0m URL: ")
    monkeypatch.setenv("NO_COLOR", "1")
    assert headshot("check", "ftp://example.com")[1].startswith("FAIL URL: ")


def test_the_contact_sheet_shows_everybody(headshot, portrait_file, tmp_path):
    urls = [headshot("put", user, portrait_file)[1].strip() for user in ("sheet1", "o'sheet@example.com")]
    page = tmp_path / "sheet.html"
    assert headshot("contact-sheet", "--output", str(page))[1] == f"Look at {page.as_uri()}\n"
    html = page.read_text("utf-8")
    assert all(f'src="{escape(url)}"' in html for url in urls)
    assert "<figcaption>o&#x27;sheet@example.com</figcaption>" in html
    assert html.count("<img") == len(json.loads(headshot("list", "--json")[1]))


def test_every_command_explains_itself(headshot):
    overview = headshot("--help")[1]
    for name in ("show", "list", "put", "erase", "retry", "reconcile", "status", "check", "verify"):
        assert f" {name} " in overview
        assert headshot(name, "--help")[0] == 0
    assert headshot("put")[0] == 2


def test_a_rejected_picture_is_described_without_a_word_of_http(headshot):
    told = "The file is not a picture that Headshot reads. Save the picture as JPEG, PNG, WebP or GIF."
    assert headshot("put", "command", str(PROJECT / "LICENSE")) == (1, "", told)
