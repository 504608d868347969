"""RecordStore, under the roles of the functions that use it."""

from dataclasses import replace

import pytest

from headshot.problems import UploadConflict
from headshot.stores.records import Published, Record, RecordStore

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
    """Return the store as a function has it, by the name of its role."""
    return lambda role: RecordStore(aws.resources["RecordsTable"], aws.client("dynamodb", role))


@pytest.fixture
def store(records):
    return records("UploadRole")


def test_a_record_is_found_as_it_was_put_until_it_is_deleted(store, records):
    made = record("o'ada+1=~@example.com")
    assert store.find(made.user_id) is None
    store.replace(None, made)
    assert store.find(made.user_id) == records("ServeRole").find(made.user_id) == made
    store.erase(made.user_id)
    store.erase(made.user_id)
    assert store.find(made.user_id) is None


def test_a_record_is_replaced_only_by_who_has_seen_it(store):
    first, second, third = (record("raced", s3_version_id) for s3_version_id in ("s3-1", "s3-2", "s3-3"))
    store.replace(None, first)
    store.replace(first, second)
    for late in (None, first):
        with pytest.raises(UploadConflict):
            store.replace(late, third)
    assert store.find("raced") == second
    store.replace(first, second)  # the very record again, as a repeated request has it
    store.erase("raced")


def test_a_record_is_marked_and_withdrawn_only_while_it_stands(records):
    store, publish = records("UploadRole"), records("PublishRole")
    first, second = record("marked"), record("marked", "s3-2")
    store.replace(None, first)
    assert publish.mark(first, PUBLISHED)
    assert publish.find("marked") == replace(first, published=PUBLISHED)
    store.replace(first, second)
    assert not publish.mark(first, PUBLISHED)
    assert not store.withdraw(first)
    assert store.find("marked") == second
    assert store.withdraw(second)
    assert not store.withdraw(second)
    assert store.find("marked") is None
    assert not publish.mark(second, PUBLISHED)


def test_what_the_stream_is_filtered_by_is_there_until_publish_has_marked_it(aws, records):
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
        assert len(found) % 2 == 0
        more, start_after = reconcile.page(start_after, 2)
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
