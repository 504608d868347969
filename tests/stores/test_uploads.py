"""UploadStore, under the roles of the functions that use it."""

import time

import pytest

from headshot.stores.uploads import Upload, UploadStore
from tests.stores.conftest import part_of_template

ACCEPTED = Upload("out@example.com", "a.jpg", "accepted", "2026-01-02T03:04:05.000Z", url="https://example.com/a.jpg")
REJECTED = Upload("out@example.com", "b.jpg", "rejected", "2026-01-02T03:04:06.000Z", code="broken-image", detail="–")
ANOTHER = Upload("other", "o'ther+1=~.jpg", "waiting", "2026-01-02T03:04:07.000Z")


@pytest.fixture
def uploads(aws):
    """Return the store of a function, by the name of its role."""
    return lambda role: UploadStore(aws.resources["UploadsTable"], aws.client("dynamodb", role))


@pytest.fixture
def store(uploads):
    """Return a store with three uploads, and erase them afterwards."""
    made = uploads("UploadRole")
    for upload in (ACCEPTED, REJECTED, ANOTHER):
        uploads("IngestRole").put(upload)
    yield made
    for user_id in (ACCEPTED.user_id, ANOTHER.user_id):
        made.erase(user_id)
    assert made.page(None, None) == ([], None)


def test_uploads_are_read_as_they_were_stored(store):
    for upload in (ACCEPTED, REJECTED, ANOTHER):
        assert store.find(upload.user_id, upload.upload_id) == upload
    assert store.find("out@example.com", "c.jpg") is None
    assert store.of_user("out@example.com") == [REJECTED, ACCEPTED]
    assert store.of_user("nobody") == []


def test_everyones_uploads_are_listed_by_status(store):
    found, start_after = store.page(None, None)
    assert ({upload.upload_id for upload in found}, start_after) == ({"a.jpg", "b.jpg", ANOTHER.upload_id}, None)
    assert store.page("rejected", None) == ([REJECTED], None)


def test_a_page_ends_at_a_megabyte_and_the_next_one_continues(store):
    large = [Upload("large", f"{number}.jpg", "waiting", "2026", detail="x" * 390_000) for number in range(4)]
    for upload in large:
        store.put(upload)
    found, start_after = store.page("waiting", None)
    assert start_after
    while start_after:
        more, start_after = store.page("waiting", start_after)
        found += more
    assert sorted(found, key=lambda upload: upload.upload_id) == [*large, ANOTHER]
    assert store.of_user("large") == large
    store.erase("large")


def test_erasing_a_user_deletes_no_uploads_of_others(store):
    store.erase("out@example.com")
    assert store.page(None, None) == ([ANOTHER], None)


@pytest.mark.usefixtures("store")
def test_an_upload_expires_after_a_month(aws):
    """Neither emulator deploys the setting, so the test reads it from the template."""
    switch = part_of_template()["Resources"]["UploadsTable"]["Properties"]["TimeToLiveSpecification"]
    assert switch["Enabled"]
    month = time.time() + 30 * 24 * 3600
    for item in aws.client("dynamodb").scan(TableName=aws.resources["UploadsTable"])["Items"]:
        assert abs(float(item[switch["AttributeName"]]["N"]) - month) < 300
