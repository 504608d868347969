"""GET /users lists everyone who has a photo, page by page."""

from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer

from local import portrait
from tests.stack.test_rejections import assert_problem

ADA = portrait.jpeg("Ada Lovelace", (300, 400))
STATUSES = ["published", "retrying", "waiting", "failed"]
LONG = "x" * 100_000


def listed(caller, **query):
    """Return the records of all pages by user id, and the number of pages."""
    found: dict[str, Any] = {}
    pages, start_after = 0, None
    while pages == 0 or start_after:
        answer = caller.get("/users", params=query | ({"start_after": start_after} if start_after else {}))
        assert answer.status_code == 200
        assert answer.json().keys() == {"users", "start_after"}
        found |= {record["user_id"]: record for record in answer.json()["users"]}
        start_after, pages = answer.json()["start_after"], pages + 1
    return found, pages


@pytest.fixture
def marked(rig, uploader):
    """One user with each publication status, and one without any, by status; removed afterwards."""
    records = {status: uploader.upload(f"listed-{status}", ADA).json() for status in [*STATUSES, "untried"]}
    for status in STATUSES:
        error = None if status == "published" else "No such user."
        published = {"status": status, "at": "2026-01-02T03:04:05.000Z", "attempts": 1, "error": error}
        rig.client("dynamodb").update_item(
            TableName=rig.outputs["RecordsTable"],
            Key={"user_id": {"S": f"listed-{status}"}},
            UpdateExpression="SET published = :published",
            ExpressionAttributeValues={":published": TypeSerializer().serialize(published)},
        )
        records[status]["published"] = published
    yield records
    for record in records.values():
        uploader.erase(record["user_id"])


def test_everyone_is_listed_with_their_record(uploader, marked):
    everyone, _ = listed(uploader)
    assert [everyone[record["user_id"]] for record in marked.values()] == list(marked.values())


@pytest.mark.parametrize("status", [*STATUSES, "untried"])
def test_only_records_with_the_status_are_listed(uploader, marked, status):
    found, _ = listed(uploader, published=status)
    assert found[f"listed-{status}"] == marked[status]
    assert {record["published"] and record["published"]["status"] for record in found.values()} == {
        None if status == "untried" else status
    }


def test_erased_people_and_the_neutral_photo_are_left_out(rig, uploader):
    table = {"TableName": rig.outputs["RecordsTable"]}
    uploader.upload("_default", ADA)
    key = {"user_id": {"S": "listed-tombstone"}}
    rig.client("dynamodb").put_item(**table, Item=key | {"erased": {"S": "2026-01-02T03:04:05.000Z"}})
    for query in ({}, {"published": "untried"}):
        assert listed(uploader, **query)[0].keys().isdisjoint({"_default", "listed-tombstone"})
    rig.client("dynamodb").delete_item(**table, Key=key)
    uploader.erase("_default")


def test_a_list_of_more_than_a_page_goes_on_where_the_page_ended(rig, uploader):
    template = uploader.upload("listed-first", ADA).json()
    del template["published"], template["scim"]
    users = [f"listed-{number:02}" for number in range(25)]
    table = rig.outputs["RecordsTable"]
    for user_id in users:
        item = template | {"user_id": user_id, "s3_version_id": "none", "published": None, "filler": LONG}
        rig.client("dynamodb").put_item(TableName=table, Item=TypeSerializer().serialize(item)["M"])
    everyone, pages = listed(uploader)
    assert everyone.keys() >= {"listed-first", *users}
    assert pages > 1
    assert listed(uploader, published="failed")[0].keys().isdisjoint(users)
    for user_id in ["listed-first", *users]:
        rig.client("dynamodb").delete_item(TableName=table, Key={"user_id": {"S": user_id}})


@pytest.mark.parametrize(
    "query", ["published=", "published=lost", "published=null", "start_after=", "start_after=a%2520b"]
)
def test_a_query_that_makes_no_sense_is_rejected(uploader, query):
    assert_problem(uploader.get(f"/users?{query}"), 400, "invalid-query")


def test_nobody_else_may_list_users(stranger, bystander):
    for caller in (stranger, bystander):
        assert caller.get("/users").status_code == 403
