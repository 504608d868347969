"""RecordStore, under the roles of the functions that use it."""

from dataclasses import replace

import pytest

from headshot.problems import UploadConflict
from headshot.record import Published, Record
from headshot.stores.records import RecordStore

VERSION = "9f86d081884c7d659a2feaa0c55ad015"
PUBLISHED = Published("failed", "2026-01-02T03:04:06.000Z", 3, "No such user: “ada”.")


def record(user_id, s3_version_id="s3-1"):
    return Record(
        user_id=user_id,
        url=f"https://photos.example.com/photos/{user_id}/{VERSION}.jpg",
        version=VERSION,
        s3_version_id=s3_version_id,
        width=512,
        height=512,
        bytes=43_210,
        created="2026-01-02T03:04:05.000Z",
        updated="2026-01-02T03:04:05.000Z",
        principal="arn:aws:iam::123456789012:user/admin",
    )


@pytest.fixture
def records(aws):
    """Return the store of a function, by the name of its role."""
    return lambda role: RecordStore(aws.resources["RecordsTable"], aws.client("dynamodb", role))


@pytest.fixture
def store(records):
    return records("UploadRole")


def test_a_record_is_read_as_it_was_stored_until_it_is_erased(store, records):
    made = record("o'ada+1=~@example.com")
    assert store.find(made.user_id) is None
    store.replace(None, made)
    assert store.find(made.user_id) == records("ServeRole").find(made.user_id) == made
    store.erase(made.user_id)
    store.erase(made.user_id)
    assert store.find(made.user_id) is None
    assert [change.action for change in store.entry(made.user_id).history] == ["erased"]
    assert not store.exists(made.user_id)
    store.replace(None, made)
    assert store.find(made.user_id) == made
    store.erase(made.user_id)


def test_a_record_is_replaced_only_by_a_request_that_has_read_it(store):
    first, second, third = (record("raced", s3_version_id) for s3_version_id in ("s3-1", "s3-2", "s3-3"))
    store.replace(None, first)
    store.replace(first, second)
    for late in (None, first):
        with pytest.raises(UploadConflict):
            store.replace(late, third)
    assert store.find("raced") == second
    store.replace(first, second)  # the same record again, as in a repeated request
    store.erase("raced")


def test_a_record_is_marked_and_erased_only_while_it_is_current(records):
    store, publish = records("UploadRole"), records("PublishRole")
    first, second = record("marked"), record("marked", "s3-2")
    store.replace(None, first)
    assert publish.mark(first, PUBLISHED)
    assert publish.find("marked") == replace(first, published=PUBLISHED)
    store.replace(first, second)
    assert not publish.mark(first, PUBLISHED)
    assert not store.erase_if_current(first)
    assert store.find("marked") == second
    assert store.erase_if_current(second)
    assert not store.erase_if_current(second)
    assert store.find("marked") is None
    assert not publish.mark(second, PUBLISHED)


def test_a_record_is_pending_until_publish_has_marked_it(aws, records):
    key = {"TableName": aws.resources["RecordsTable"], "Key": {"user_id": {"S": "pending"}}}
    records("UploadRole").replace(None, record("pending"))
    assert aws.client("dynamodb").get_item(**key)["Item"]["pending"] == {"BOOL": True}
    records("PublishRole").mark(record("pending"), PUBLISHED)
    assert "pending" not in aws.client("dynamodb").get_item(**key)["Item"]
    records("UploadRole").erase("pending")


def test_all_records_are_read_page_by_page(records):
    store, reconcile = records("UploadRole"), records("ReconcileRole")
    made = [record(f"page{number}") for number in range(5)]
    for one in made:
        store.replace(None, one)
    found, start_after = reconcile.page(None, 2)
    while start_after:
        more, start_after = reconcile.page(start_after, 2)
        assert len(more) <= 2
        found += more
    assert sorted(found, key=lambda one: one.user_id) == made
    for one in made:
        store.erase(one.user_id)


def test_records_are_searched_by_their_status_at_the_identity_provider(aws, records):
    store, publish = records("UploadRole"), records("PublishRole")
    made = {name: record(f"searched-{name}") for name in ("untried", "failed", "published")}
    for one in (*made.values(), record("_default")):
        store.replace(None, one)
    made["failed"] = replace(made["failed"], published=PUBLISHED)
    made["published"] = replace(made["published"], published=replace(PUBLISHED, status="published"))
    for name in ("failed", "published"):
        assert publish.mark(made[name], made[name].published)
    tombstone = {"user_id": {"S": "searched-erased"}, "erased": {"S": "2026-01-02T03:04:05.000Z"}}
    aws.client("dynamodb").put_item(TableName=aws.resources["RecordsTable"], Item=tombstone)

    found, start_after = store.search(None, None)
    assert (sorted(one.user_id for one in found), start_after) == (sorted(one.user_id for one in made.values()), None)
    for name, one in made.items():
        assert store.search(name, None) == ([one], None)
    assert store.search("waiting", None) == ([], None)
    assert store.search(None, found[0].user_id)[0] == found[1:]
    aws.client("dynamodb").delete_item(TableName=aws.resources["RecordsTable"], Key={"user_id": tombstone["user_id"]})
    for user_id in ("_default", *(one.user_id for one in made.values())):
        store.erase(user_id)
