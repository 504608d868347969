"""What the sweep does about files, photos and dead letters, and above all what it leaves alone."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from botocore.stub import Stubber

from headshot import clock
from headshot import sweep as sweeping
from headshot.file import WaitingFile, split
from headshot.problems import StoreUnavailable
from headshot.set_photo import NewPhoto, set_photo
from headshot.stores import dead_letter_queue
from headshot.stores.dead_letter_queue import DeadLetter, DeadLetterQueue
from headshot.stores.dropbox import DropBox
from headshot.stores.ingest_queue import IngestQueue, file_name_of
from headshot.stores.photos import PhotoStore, PhotoVersion
from headshot.stores.uploads import Upload
from headshot.sweep import Sweeper
from tests import pictures
from tests.unit.memory import MemoryDropBox, MemoryPhotos, MemoryRecords, MemoryUploads, fail_at
from tests.unit.test_stores import client

NOW = datetime.now(UTC)
TEN_MINUTES = timedelta(minutes=10)
MISSING = "0" * 32


class Queue(IngestQueue):
    def __init__(self):
        self.names, self.waiting = [], 0

    def add(self, name):
        self.names.append(name)

    def is_empty(self):
        return not self.waiting


class Letters(DeadLetterQueue):
    """A dead-letter queue: `bodies` are visible, `hidden` were read and neither deleted nor released."""

    def __init__(self):
        self.bodies, self.hidden = [], []

    def receive(self):
        self.hidden, self.bodies = self.bodies, []
        return [DeadLetter(body, body) for body in self.hidden]

    def delete(self, letter):
        self.hidden.remove(letter.body)

    def release(self, letters):
        for letter in letters:
            self.hidden.remove(letter.body)
            self.bodies.append(letter.body)


@pytest.fixture
def box(monkeypatch):
    """A sweep and all that it looks at; `ages` has the minutes for which each file has been waiting."""
    box = SimpleNamespace(drop_box=MemoryDropBox(), uploads=MemoryUploads(), queue=Queue(), failed_files=Letters())
    box.photos, box.records, box.failed_photos, box.ages = MemoryPhotos(), MemoryRecords(), Letters(), {}

    def waiting(before):
        now = datetime.now(UTC)
        files = (WaitingFile(name, now - timedelta(minutes=age)) for name, age in box.ages.items())
        return (file for file in files if file.since < before)

    monkeypatch.setattr(box.drop_box, "waiting", waiting)
    box.sweeper = Sweeper(
        box.drop_box, box.uploads, box.queue, box.failed_files, box.photos, box.records, box.failed_photos
    )
    return box


def queued(box, failed=(), *, rejected=False):
    count = box.sweeper.queue_files(set(failed), TEN_MINUTES, rejected=rejected)
    assert count == len(box.queue.names)
    return box.queue.names


def test_files_that_nobody_was_told_of_are_queued(box):
    box.ages = {"old.jpg": 11, "new.jpg": 9, "a/33c9281c-49eb-4cae-a410-fa497133bed8": 60}
    assert queued(box) == ["old.jpg", "a/33c9281c-49eb-4cae-a410-fa497133bed8"]


def test_nothing_is_queued_while_files_wait_in_the_queue(box):
    box.ages, box.queue.waiting = {"old.jpg": 11}, 1
    assert queued(box) == []


def test_files_that_failed_are_left_to_an_administrator(box):
    box.ages = {"old.jpg": 11, "failed.jpg": 90}
    assert queued(box, failed=["failed.jpg"]) == ["old.jpg"]


def test_with_more_dead_letters_than_can_be_read_nothing_is_queued(box, monkeypatch):
    monkeypatch.setattr(sweeping, "MOST", 2)
    box.ages = {"old.jpg": 11}
    assert queued(box, failed=["one.jpg", "two.jpg"]) == []


def test_a_run_has_an_end(box, monkeypatch):
    monkeypatch.setattr(sweeping, "MOST_QUEUED", 2)
    box.ages = dict.fromkeys(("a", "b", "c"), 11)
    assert queued(box) == ["a", "b"]


@pytest.mark.parametrize(
    ("code", "rejected", "again"),
    [("unreadable-file", 10, False), ("unreadable-file", 12, True), ("broken-image", 10, True)],
)
def test_a_file_that_was_rejected_and_stays_is_queued_only_if_it_came_again(box, code, rejected, again):
    box.ages = {"ada.jpg": 11}
    at = clock.rfc3339(datetime.now(UTC) - timedelta(minutes=rejected))
    box.uploads.put(Upload(*split("ada.jpg"), "rejected", at, file="ada.jpg", code=code))
    assert queued(box) == (["ada.jpg"] if again else [])
    box.queue.names.clear()
    assert queued(box, rejected=True) == ["ada.jpg"]


def about_file(name):
    return json.dumps({"detail": {"object": {"key": f"dropbox/{name}"}}})


def test_letters_about_files_that_are_gone_are_deleted_and_one_is_kept_of_each_other_file(box):
    box.drop_box.drop("stays.jpg", b"-")
    unreadable = ["not JSON", "[]", '{"detail": null}']
    box.failed_files.bodies = [about_file("gone.jpg"), about_file("stays.jpg"), about_file("stays.jpg"), *unreadable]
    assert box.sweeper.delete_dead_letters() == (2, {"stays.jpg"})
    assert sorted(box.failed_files.bodies) == sorted([about_file("stays.jpg"), *unreadable])
    assert box.failed_files.hidden == []


def test_letters_that_name_erased_users_are_deleted(box):
    record, _ = set_photo(box.photos, box.records, NewPhoto("ada", pictures.plain(), "https://example.com", "arn"))
    letters = {name: json.dumps({"user_id": name, "error": "no such user", "at": "-"}) for name in ("ada", "erased")}
    box.failed_photos.bodies = [*letters.values(), "not JSON", "{}", '{"user_id": "no id"}']
    assert box.sweeper.delete_dead_letters() == (1, set())
    assert box.failed_photos.bodies == [letters["ada"], "not JSON", "{}", '{"user_id": "no id"}']
    assert record


def test_a_failure_to_look_deletes_no_letter(box):
    box.failed_files.bodies = [about_file("gone.jpg")]
    box.drop_box._before = fail_at("drop_box.find", StoreUnavailable())
    with pytest.raises(StoreUnavailable):
        box.sweeper.delete_dead_letters()
    assert box.failed_files.hidden == [about_file("gone.jpg")]  # SQS shows it again after a minute


def test_without_an_identity_provider_there_are_no_photos_that_failed(box):
    sweep = Sweeper(box.drop_box, box.uploads, box.queue, box.failed_files, box.photos, box.records, None)
    assert sweep.delete_dead_letters() == (0, set())


@pytest.fixture
def orphan(box, monkeypatch):
    """Two users with a photo each, and what broken-off uploads left: one of ada's, one of a user without record."""
    for user_id in ("ada", "grace"):
        set_photo(
            box.photos, box.records, NewPhoto(user_id, pictures.plain("teal"), "https://photos.example.com", "arn")
        )
    for user_id in ("ada", "nobody"):
        box.photos.versions["photos", user_id, MISSING, f"orphan-{user_id}"] = b"jpeg"

    def stored_before(_time):
        keys = sorted(key for key in box.photos.versions if key[0] == "photos")
        yield [PhotoVersion(*key[1:]) for key in keys]

    monkeypatch.setattr(box.photos, "stored_before", stored_before)
    return box


def places(box):
    return sorted((prefix, user_id, version == MISSING) for prefix, user_id, version, _ in box.photos.versions)


def test_photos_that_no_record_points_to_are_superseded_and_no_other(orphan):
    assert orphan.sweeper.supersede_photos(TEN_MINUTES) == 2
    assert places(orphan) == [
        ("photos", "ada", False),
        ("photos", "grace", False),
        ("superseded", "ada", True),
        ("superseded", "nobody", True),
    ]
    assert orphan.sweeper.supersede_photos(TEN_MINUTES) == 0


def test_a_record_that_cannot_be_read_proves_nothing(orphan, monkeypatch):
    def find(_user_id):
        raise StoreUnavailable

    monkeypatch.setattr(orphan.records, "find", find)
    with pytest.raises(StoreUnavailable):
        orphan.sweeper.supersede_photos(TEN_MINUTES)
    assert all(prefix == "photos" for prefix, *_ in orphan.photos.versions)


@pytest.fixture
def stubbed(request):
    made = client(request.param)
    with Stubber(made) as stub:
        yield stub, made
        stub.assert_no_pending_responses()


@pytest.mark.parametrize("stubbed", ["s3"], indirect=True)
def test_photos_are_listed_page_by_page_and_only_what_can_be_a_photo_of_ours(stubbed):
    stub, s3 = stubbed
    version = "9f86d081884c7d659a2feaa0c55ad015"
    old, new = NOW - timedelta(minutes=11), NOW - timedelta(minutes=9)
    keys = [(f"photos/ada/{version}.jpg", old), ("photos/ada/notes.txt", old), (f"photos/ada/{version}.jpg", new)]
    first = [{"Key": key, "VersionId": "s3-1", "LastModified": since} for key, since in keys]
    markers = [{"Key": keys[0][0], "VersionId": "s3-0", "LastModified": old}]
    more = {"IsTruncated": True, "NextKeyMarker": "k", "NextVersionIdMarker": "v"}
    expected = {"Bucket": "bucket", "Prefix": "photos/"}
    stub.add_response("list_object_versions", {"Versions": first, "DeleteMarkers": markers} | more, expected)
    pages = PhotoStore("bucket", s3).stored_before(NOW - TEN_MINUTES)
    assert next(pages) == [PhotoVersion("ada", version, "s3-1")]
    stub.add_response("list_object_versions", {}, expected | {"KeyMarker": "k", "VersionIdMarker": "v"})
    assert list(pages) == [[]]


@pytest.mark.parametrize("stubbed", ["s3"], indirect=True)
def test_files_are_listed_without_folders_and_those_that_are_new(stubbed):
    stub, s3 = stubbed
    old, new = NOW - timedelta(minutes=11), NOW - timedelta(minutes=9)
    listed = [("", 0, old), ("folder/", 0, old), ("ada.jpg", 10, old), ("empty.jpg", 0, old), ("new.jpg", 10, new)]
    contents = [{"Key": f"dropbox/{name}", "Size": size, "LastModified": since} for name, size, since in listed]
    stub.add_response("list_objects_v2", {"Contents": contents}, {"Bucket": "bucket", "Prefix": "dropbox/"})
    found = DropBox("bucket", s3).waiting(NOW - TEN_MINUTES)
    assert list(found) == [WaitingFile("ada.jpg", old), WaitingFile("empty.jpg", old)]


@pytest.mark.parametrize("stubbed", ["s3"], indirect=True)
def test_a_listing_that_fails_is_a_failure_of_the_store(stubbed):
    stub, s3 = stubbed
    for operation in ("list_objects_v2", "list_object_versions"):
        stub.add_client_error(operation, "AccessDenied", http_status_code=403)
    with pytest.raises(StoreUnavailable):
        list(DropBox("bucket", s3).waiting(NOW))
    with pytest.raises(StoreUnavailable):
        list(PhotoStore("bucket", s3).stored_before(NOW))


@pytest.mark.parametrize("stubbed", ["sqs"], indirect=True)
@pytest.mark.parametrize(
    ("counts", "empty"), [((0, 0, 0), True), ((1, 0, 0), False), ((0, 1, 0), False), ((0, 0, 1), False)]
)
def test_a_queue_is_empty_when_nothing_waits_is_in_flight_or_delayed(stubbed, counts, empty):
    stub, sqs = stubbed
    names = ["", "NotVisible", "Delayed"]
    attributes = {f"ApproximateNumberOfMessages{name}": str(count) for name, count in zip(names, counts, strict=True)}
    stub.add_response(
        "get_queue_attributes",
        {"Attributes": attributes},
        {"QueueUrl": "url", "AttributeNames": list(attributes)},
    )
    assert IngestQueue("url", sqs).is_empty() is empty


@pytest.mark.parametrize("stubbed", ["sqs"], indirect=True)
def test_a_message_of_the_sweep_reads_like_one_of_s3(stubbed):
    stub, sqs = stubbed
    stub.add_response("send_message", {}, {"QueueUrl": "url", "MessageBody": about_file("ä b%.jpg")})
    IngestQueue("url", sqs).add("ä b%.jpg")
    assert file_name_of(about_file("ä b%.jpg")) == "ä b%.jpg"


@pytest.mark.parametrize("stubbed", ["sqs"], indirect=True)
def test_letters_are_read_to_the_last_or_to_a_limit_and_hidden_for_a_minute_at_most(stubbed, monkeypatch):
    stub, sqs = stubbed
    monkeypatch.setattr(dead_letter_queue, "MOST", 3)
    expected = {"QueueUrl": "url", "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1, "VisibilityTimeout": 60}
    two = {"Messages": [{"Body": body, "ReceiptHandle": f"receipt-{body}"} for body in ("a", "b")]}
    box = DeadLetterQueue("url", sqs)
    for answer in (two, {}):
        stub.add_response("receive_message", answer, expected)
    assert box.receive() == [DeadLetter("a", "receipt-a"), DeadLetter("b", "receipt-b")]
    for _ in range(2):
        stub.add_response("receive_message", two, expected)
    assert len(box.receive()) == 4
    stub.add_response("delete_message", {}, {"QueueUrl": "url", "ReceiptHandle": "receipt-a"})
    box.delete(DeadLetter("a", "receipt-a"))
    shown = {"QueueUrl": "url", "ReceiptHandle": "receipt-b", "VisibilityTimeout": 0}
    stub.add_response("change_message_visibility", {}, shown)
    box.release([DeadLetter("b", "receipt-b")])
