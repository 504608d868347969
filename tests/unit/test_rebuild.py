"""What a rebuild makes of the photos in the bucket, and what it leaves alone."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from headshot import urls
from headshot.problems import UploadConflict
from headshot.rebuild import Rebuilder, Summary
from headshot.set_photo import NewPhoto, set_photo
from headshot.stores.inventory import Found
from tests import pictures
from tests.unit.examples import PUBLISHED, RECORD, TOMBSTONE
from tests.unit.memory import MemoryInventory, MemoryPhotos, MemoryRecords
from tests.unit.memory.inventory import STORED

BASE_URL = "https://photos.example.com"


@pytest.fixture
def box():
    """The stores, a photo of each of three people, and a function that rebuilds to the end."""
    box = SimpleNamespace(photos=MemoryPhotos(), records=MemoryRecords(tombstones=True))
    box.inventory = MemoryInventory(box.photos)
    for user_id in ("ada", "grace", "mary"):
        _set(box, user_id)

    def rebuild(base_url=BASE_URL):
        summary, rest = Rebuilder(box.inventory, box.photos, box.records, base_url).rebuild(
            Summary(), None, lambda: True
        )
        assert rest is None
        return summary

    box.rebuild = rebuild
    return box


def _rebuilt(record):
    """Return a record as a rebuild makes it: by which way the photo came in is not known any more."""
    *earlier, last = record.history
    return replace(record, history=(*earlier, replace(last, way=None)))


def _set(box, user_id, colour="teal"):
    return set_photo(box.photos, box.records, NewPhoto(user_id, pictures.plain(colour), BASE_URL, "arn:aws:ädmin"))[0]


def test_lost_records_are_rebuilt_as_they_were(box):
    before = dict(box.records.items)
    box.records.items.clear()
    assert box.rebuild() == Summary(rebuilt=3)
    assert box.records.items == {user_id: _rebuilt(record) for user_id, record in before.items()}
    assert box.rebuild() == Summary(unchanged=3)


def test_what_publish_has_learnt_is_rebuilt_once_a_later_photo_was_stored_with_it(box):
    record = box.records.items["ada"]
    box.records.items["ada"] = replace(record, identity_id="00u1", published=PUBLISHED)
    _set(box, "ada", "plum")
    box.records.items.clear()
    box.rebuild()
    assert box.records.items["ada"].identity_id == "00u1"
    assert box.records.items["ada"].created == record.created
    assert box.records.items["ada"].published is None


def test_an_earlier_record_is_brought_up_to_the_photo_in_the_bucket(box):
    earlier = box.records.items["ada"]
    current = _set(box, "ada", "plum")
    box.records.items["ada"] = earlier
    assert box.rebuild() == Summary(unchanged=2, rebuilt=1)
    assert box.records.items["ada"] == _rebuilt(current)


def test_of_two_photos_the_newer_one_becomes_current(box):
    jpeg = next(iter(box.photos.versions.values()))
    box.photos.versions["photos", "ada", "0" * 32, "newer"] = jpeg
    box.photos.metadata["newer"] = dict(box.photos.metadata["s3-0"])
    assert box.rebuild() == Summary(unchanged=3)
    del box.records.items["ada"]
    assert box.rebuild() == Summary(unchanged=2, rebuilt=1)
    assert box.records.items["ada"].s3_version_id == "newer"


def test_an_erased_person_stays_erased(box):
    box.records.items["ada"] = TOMBSTONE
    del box.records.items["grace"]
    box.photos.erase("grace")
    assert box.rebuild() == Summary(unchanged=2)
    assert box.records.items["ada"] == TOMBSTONE
    assert "grace" not in box.records.items


@pytest.mark.parametrize(("erased", "is_back"), [("2020-01-01T00:00:00Z", True), ("2030-01-01T00:00:00Z", False)])
def test_a_photo_from_before_a_confirmed_erasure_brings_nobody_back_but_a_later_one_does(box, erased, is_back):
    box.records.items["ada"] = replace(TOMBSTONE, erased=erased, expires_at=1)
    box.rebuild()
    assert (box.records.find("ada") is not None) == is_back


def test_a_person_who_is_erased_during_a_rebuild_stays_erased(box):
    del box.records.items["ada"]

    def erase(step):
        if step == "records.replace":
            box.photos.erase("ada")

    box.records._before = erase
    assert box.rebuild() == Summary(unchanged=3)
    assert not isinstance(box.records.items["ada"], type(RECORD))


def test_a_photo_that_is_uploaded_during_a_rebuild_stays(box, monkeypatch):
    del box.records.items["ada"]

    def replace(_current, _record):
        raise UploadConflict("uploaded")

    monkeypatch.setattr(box.records, "replace", replace)
    assert box.rebuild() == Summary(unchanged=3)


def test_another_address_gives_every_record_a_new_url_to_publish(box):
    box.records.items["ada"] = replace(box.records.items["ada"], published=PUBLISHED)
    assert box.rebuild("https://people.example.com") == Summary(readdressed=3)
    record = box.records.items["ada"]
    assert record.url == urls.photo_url("https://people.example.com", "ada", record.version)
    assert record.published is None
    assert box.rebuild("https://people.example.com") == Summary(unchanged=3)


def test_a_photo_that_somebody_deleted_is_served_again(box):
    record = box.records.items["ada"]
    box.inventory.markers.append(Found("ada", record.version, "marker", 0, STORED, is_marker=True))
    assert box.rebuild() == Summary(unchanged=3)
    assert box.inventory.markers == []


def test_a_foreign_file_is_no_photo_and_stops_nothing(box):
    box.photos.versions["photos", "eve", "0" * 32, "foreign"] = b"no photo"
    del box.records.items["mary"]
    assert box.rebuild() == Summary(unchanged=2, rebuilt=1, unreadable=1)
    assert "eve" not in box.records.items


def test_a_rebuild_that_runs_out_of_time_is_continued(box, monkeypatch):
    monkeypatch.setattr("headshot.rebuild._BATCH", 2)
    box.records.items.clear()
    rebuilder = Rebuilder(box.inventory, box.photos, box.records, BASE_URL)
    summary, start_after = rebuilder.rebuild(Summary(), None, lambda: False)
    assert (summary, start_after, sorted(box.records.items)) == (Summary(rebuilt=2), "grace", ["ada", "grace"])
    assert rebuilder.rebuild(summary, start_after, lambda: True) == (Summary(rebuilt=3), None)
