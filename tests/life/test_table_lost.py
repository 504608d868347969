"""The table is gone, or restored to an earlier state: what commands say, and how all URLs come back."""

import json
import time
from contextlib import contextmanager

import pytest

from tests.unit.template import RESOURCES


@contextmanager
def without_table(rig):
    """Delete the table, and create it again, empty, as docs/life.md does."""
    dynamodb, table = rig.client("dynamodb"), rig.outputs["RecordsTable"]
    dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=table)
    try:
        yield
    finally:
        properties = RESOURCES["RecordsTable"]["Properties"]
        dynamodb.create_table(
            TableName=table,
            BillingMode=properties["BillingMode"],
            AttributeDefinitions=properties["AttributeDefinitions"],
            KeySchema=properties["KeySchema"],
            StreamSpecification={"StreamEnabled": True, **properties["StreamSpecification"]},
        )


GONE = "The stack's table no longer exists. docs/life.md says how to get it back."

COMMANDS = [
    ["status"],
    ["list"],
    ["show", "ada.lovelace"],
    ["check", "ada.lovelace"],
    ["erase", "ada.lovelace", "--yes"],
    ["put", "ada.lovelace", "{photo}"],
    ["rebuild"],
    ["contact-sheet", "--output", "{photo}.html"],
]


def test_every_command_says_that_the_table_is_gone_and_all_urls_come_back(
    rig, headshot, people, uploader, stranger, tmp_path
):
    photo = tmp_path / "ada.jpg"
    photo.write_bytes(stranger.get(people["ada.lovelace"]["url"]).content)
    with without_table(rig):
        for command in COMMANDS:
            started = time.monotonic()
            code, _, error = headshot(*(part.format(photo=photo) for part in command))
            assert (code, error.strip()) == (1, GONE), command
            assert time.monotonic() - started < 20, command  # no retries: they would take over a minute
        for record in people.values():
            assert stranger.head(record["url"]).status_code == 200  # a version needs no record
        assert stranger.head("/photos/ada.lovelace.jpg").status_code == 503
    code, printed, _ = headshot("rebuild")
    assert (code, printed) == (0, "People: 2; 0 unchanged, 2 rebuilt, 0 readdressed, 0 unreadable.\n")
    for user_id, record in people.items():
        assert uploader.record(user_id).json() == record
        assert stranger.get(f"/photos/{user_id}.jpg").content == stranger.get(record["url"]).content
    assert uploader.record("mary.allen").status_code == 404
    assert stranger.head("/photos/mary.allen.jpg").status_code == 404


@pytest.mark.usefixtures("people")
def test_after_a_restored_table_people_who_were_erased_since_are_erased_again(rig, headshot, uploader):
    dynamodb, table = rig.client("dynamodb"), rig.outputs["RecordsTable"]
    backup = dynamodb.scan(TableName=table)["Items"]
    uploader.erase("grace.hopper")
    for item in backup:
        dynamodb.put_item(TableName=table, Item=item)
    code, printed, _ = headshot("rebuild")
    assert code == 1
    assert printed.splitlines()[-1] == "grace.hopper: the photo is no longer in the bucket."
    assert json.loads(headshot("status", "--json")[1])["photos"]["lost"] == 1
    assert headshot("rebuild", "--erase-lost", typed="n\n")[0] == 1
    assert uploader.record("grace.hopper").status_code == 200
    code, printed, _ = headshot("rebuild", "--erase-lost", "--yes")
    assert (code, printed.splitlines()[-1]) == (0, "Erased grace.hopper: the record.")
    assert uploader.record("grace.hopper").status_code == 404
    assert headshot("rebuild")[0] == headshot("status")[0] == 0


def test_the_daily_sweep_supersedes_nothing_if_most_records_are_gone(rig, headshot, people, stranger):
    dynamodb, table = rig.client("dynamodb"), rig.outputs["RecordsTable"]
    for user_id in people:
        dynamodb.delete_item(TableName=table, Key={"user_id": {"S": user_id}})
    event = {"FunctionName": rig.outputs["SweepFunction"], "Payload": '{"task": "photos", "older_than": 0}'}
    assert "headshot rebuild" in json.load(rig.client("lambda").invoke(**event)["Payload"])["errorMessage"]
    assert len(rig.objects("photos/")) == len(people)
    assert headshot("rebuild")[0] == 0
    assert json.load(rig.client("lambda").invoke(**event)["Payload"]) == {"superseded": 0}
    assert all(stranger.head(f"/photos/{user_id}.jpg").status_code == 200 for user_id in people)
