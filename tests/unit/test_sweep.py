"""What the sweep does about files, photos and dead letters, and what it leaves alone."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from headshot import clock
from headshot import sweep as sweeping
from headshot.file import WaitingFile, split
from headshot.problems import StoreUnavailable
from headshot.set_photo import NewPhoto, set_photo
from headshot.stores.photos import PhotoVersion
from headshot.stores.uploads import Upload
from headshot.sweep import RecordsLost, Sweeper
from tests import pictures
from tests.unit.memory import (
    MemoryDeadLetters,
    MemoryDropBox,
    MemoryIngestQueue,
    MemoryPhotos,
    MemoryRecords,
    MemoryUploads,
    fail_at,
)

TEN_MINUTES = timedelta(minutes=10)
MISSING = "0" * 32


@pytest.fixture
def box(monkeypatch):
    """A sweeper and its stores; `ages` has the minutes for which each file has been waiting."""
    box = SimpleNamespace(drop_box=MemoryDropBox(), uploads=MemoryUploads(), queue=MemoryIngestQueue(), ages={})
    box.photos, box.records = MemoryPhotos(), MemoryRecords()
    box.failed_files, box.failed_photos = MemoryDeadLetters(), MemoryDeadLetters()

    def waiting(before):
        now = datetime.now(UTC)
        files = (WaitingFile(name, now - timedelta(minutes=age)) for name, age in box.ages.items())
        return (file for file in files if file.since < before)

    monkeypatch.setattr(box.drop_box, "waiting", waiting)
    stores = box.drop_box, box.uploads, box.queue, box.failed_files, box.photos, box.records
    box.sweeper = Sweeper(*stores, box.failed_photos)
    box.sweeper_without_identity_provider = Sweeper(*stores, None)
    return box


def queued(box, failed=(), *, rejected=False):
    count = box.sweeper.queue_files(set(failed), TEN_MINUTES, rejected=rejected)
    assert count == len(box.queue.names)
    return box.queue.names


def test_files_without_a_message_are_queued(box):
    box.ages = {"old.jpg": 11, "new.jpg": 9, "a/33c9281c-49eb-4cae-a410-fa497133bed8": 60}
    assert queued(box) == ["old.jpg", "a/33c9281c-49eb-4cae-a410-fa497133bed8"]


def test_nothing_is_queued_while_files_wait_in_the_queue(box):
    box.ages, box.queue.waiting = {"old.jpg": 11}, 1
    assert queued(box) == []


def test_failed_files_are_left_to_an_administrator(box):
    box.ages = {"old.jpg": 11, "failed.jpg": 90}
    assert queued(box, failed=["failed.jpg"]) == ["old.jpg"]


def test_nothing_is_queued_if_there_are_more_dead_letters_than_are_received(box, monkeypatch):
    monkeypatch.setattr(sweeping, "MOST", 2)
    box.ages = {"old.jpg": 11}
    assert queued(box, failed=["one.jpg", "two.jpg"]) == []


def test_a_run_queues_a_limited_number_of_files(box, monkeypatch):
    monkeypatch.setattr(sweeping, "MOST_QUEUED", 2)
    box.ages = dict.fromkeys(("a", "b", "c"), 11)
    assert queued(box) == ["a", "b"]


@pytest.mark.parametrize(
    ("code", "rejected", "again"),
    [("unreadable-file", 10, False), ("unreadable-file", 12, True), ("broken-image", 10, True)],
)
def test_a_rejected_file_that_could_not_be_moved_is_queued_only_if_it_was_copied_again(box, code, rejected, again):
    box.ages = {"ada.jpg": 11}
    at = clock.rfc3339(datetime.now(UTC) - timedelta(minutes=rejected))
    box.uploads.put(Upload(*split("ada.jpg"), "rejected", at, file="ada.jpg", code=code))
    assert queued(box) == (["ada.jpg"] if again else [])
    box.queue.names.clear()
    assert queued(box, rejected=True) == ["ada.jpg"]


def about_file(name):
    return json.dumps({"detail": {"object": {"key": f"dropbox/{name}"}}})


def test_of_dead_letters_about_files_one_is_kept_for_each_file_that_exists(box):
    box.drop_box.drop("stays.jpg", b"-")
    unreadable = ["not JSON", "[]", '{"detail": null}']
    box.failed_files.bodies = [about_file("gone.jpg"), about_file("stays.jpg"), about_file("stays.jpg"), *unreadable]
    assert box.sweeper.delete_dead_letters() == (2, {"stays.jpg"})
    assert sorted(box.failed_files.bodies) == sorted([about_file("stays.jpg"), *unreadable])
    assert box.failed_files.hidden == []


def test_dead_letters_about_erased_users_are_deleted(box):
    set_photo(box.photos, box.records, NewPhoto("ada", pictures.plain(), "https://example.com", "arn"))
    ada, erased = (json.dumps({"user_id": name, "error": "no such user", "at": "-"}) for name in ("ada", "erased"))
    box.failed_photos.bodies = [ada, erased, "not JSON", "{}", '{"user_id": "no id"}']
    assert box.sweeper.delete_dead_letters() == (1, set())
    assert box.failed_photos.bodies == [ada, "not JSON", "{}", '{"user_id": "no id"}']


def test_no_dead_letter_is_deleted_if_the_drop_box_cannot_be_listed(box):
    box.failed_files.bodies = [about_file("gone.jpg")]
    box.drop_box._before = fail_at("drop_box.find", StoreUnavailable())
    with pytest.raises(StoreUnavailable):
        box.sweeper.delete_dead_letters()
    assert box.failed_files.hidden == [about_file("gone.jpg")]  # SQS makes it visible again after a minute


def test_a_stack_without_an_identity_provider_has_no_dead_letters_about_users(box):
    assert box.sweeper_without_identity_provider.delete_dead_letters() == (0, set())


@pytest.fixture
def orphan(box, monkeypatch):
    """Two users with a photo each, and what interrupted uploads left: of ada, and of a user without a record."""
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


def test_only_photos_that_no_record_points_to_are_superseded(orphan):
    assert orphan.sweeper.supersede_photos(TEN_MINUTES) == 2
    assert places(orphan) == [
        ("photos", "ada", False),
        ("photos", "grace", False),
        ("superseded", "ada", True),
        ("superseded", "nobody", True),
    ]
    assert orphan.sweeper.supersede_photos(TEN_MINUTES) == 0


def test_no_photo_is_superseded_if_most_records_are_lost(orphan):
    orphan.records.items.clear()
    before = places(orphan)
    with pytest.raises(RecordsLost, match="headshot rebuild"):
        orphan.sweeper.supersede_photos(TEN_MINUTES)
    assert places(orphan) == before


def test_no_photo_is_superseded_if_its_record_cannot_be_read(orphan, monkeypatch):
    def find(_user_id):
        raise StoreUnavailable

    monkeypatch.setattr(orphan.records, "find", find)
    with pytest.raises(StoreUnavailable):
        orphan.sweeper.supersede_photos(TEN_MINUTES)
    assert all(prefix == "photos" for prefix, *_ in orphan.photos.versions)
