"""Setting a photo, and what erasing it leaves."""

from dataclasses import asdict, replace
from typing import Any

import pytest

from headshot import imaging
from headshot.erase import Eraser, Receipt
from headshot.imaging.errors import BrokenImageError
from headshot.problems import UploadConflict
from headshot.record import Tombstone
from headshot.set_photo import NewPhoto, set_photo
from tests import pictures
from tests.unit.examples import FAILED, PUBLISHED, TOMBSTONE
from tests.unit.memory import MemoryErasable, MemoryPhotos, MemoryRecords

TEAL, PINK = (pictures.plain(colour) for colour in ("teal", "pink"))


def upload(image=TEAL, principal="arn:aws:iam::123456789012:user/admin"):
    return NewPhoto("ada", image, "https://photos.example.com", principal)


def erase(photos, records, *files):
    drop_box: Any = MemoryErasable(*files)
    uploads: Any = MemoryErasable(*files)
    return Eraser(drop_box, uploads, photos, records).erase("ada")


def keys(photos, prefix):
    return [key[2] for key in photos.versions if key[0] == prefix]


def test_a_new_picture_is_stored_and_recorded():
    photos, records = MemoryPhotos(), MemoryRecords()
    record, changed = set_photo(photos, records, upload())
    assert changed
    assert records.items == {"ada": record}
    assert keys(photos, "photos") == [record.version]
    assert record.url == f"https://photos.example.com/photos/ada/{record.version}.jpg"
    assert (record.width, record.height, record.bytes) == (96, 96, len(*photos.versions.values()))
    assert record.created == record.updated
    assert record.updated.endswith("Z")
    assert record.public()["scim"] == {
        "urn:ietf:params:scim:schemas:core:2.0:User:photos": [{"value": record.url, "type": "photo", "primary": True}]
    }


def test_the_same_picture_again_changes_nothing():
    photos, records = MemoryPhotos(), MemoryRecords()
    first, _ = set_photo(photos, records, upload())
    again, changed = set_photo(photos, records, upload(principal="someone else"))
    assert (again, changed) == (first, False)
    assert keys(photos, "photos") == [first.version]
    assert keys(photos, "superseded") == []


def test_a_downloaded_photo_keeps_its_version_when_it_is_uploaded_again():
    photos, records = MemoryPhotos(), MemoryRecords()
    first, _ = set_photo(photos, records, upload(TEAL))
    [served] = photos.versions.values()
    assert set_photo(photos, records, upload(served)) == (first, False)
    set_photo(photos, records, upload(PINK))
    back, changed = set_photo(photos, records, upload(served))
    assert changed
    assert back.version == first.version
    assert photos.versions["photos", "ada", back.version, back.s3_version_id] == served


def test_a_picture_that_only_looks_like_a_photo_is_converted():
    photos, records = MemoryPhotos(), MemoryRecords()
    foreign = pictures.plain(kind="JPEG")
    record, _ = set_photo(photos, records, upload(foreign))
    assert foreign not in photos.versions.values()
    assert photos.get("ada", record.version)


def test_a_picture_is_inspected_once_and_the_record_read_before_the_store_of_photos(monkeypatch):
    steps: list[str] = []
    photos, records = MemoryPhotos(steps.append), MemoryRecords(steps.append)
    inspect = imaging.inspect

    def inspected(data, *max_bytes):
        steps.append("inspect")
        return inspect(data, *max_bytes)

    monkeypatch.setattr(imaging, "inspect", inspected)
    set_photo(photos, records, upload(pictures.plain(kind="JPEG")))
    assert steps[:3] == ["inspect", "records.entry", "photos.put"]
    [served] = photos.versions.values()
    steps.clear()
    set_photo(photos, records, upload(served))
    assert steps == ["inspect", "records.entry", "photos.get", "photos.exists", "photos.supersede_abandoned"]


def test_another_picture_supersedes_the_first():
    photos, records = MemoryPhotos(), MemoryRecords()
    first, _ = set_photo(photos, records, upload(TEAL))
    second, changed = set_photo(photos, records, upload(PINK))
    assert changed
    assert second.url != first.url
    assert second.created == first.created
    assert keys(photos, "photos") == [second.version]
    assert keys(photos, "superseded") == [first.version]


def test_a_bad_picture_touches_nothing():
    photos, records = MemoryPhotos(), MemoryRecords()
    first, _ = set_photo(photos, records, upload())
    with pytest.raises(BrokenImageError):
        set_photo(photos, records, upload(TEAL[:-40]))
    assert records.items == {"ada": first}
    assert keys(photos, "photos") == [first.version]


def test_a_lost_photo_is_stored_again():
    photos, records = MemoryPhotos(), MemoryRecords()
    set_photo(photos, records, upload())
    photos.versions.clear()
    record, changed = set_photo(photos, records, upload())
    assert changed
    assert photos.exists("ada", record.version, record.s3_version_id)


def test_erasing_leaves_nothing_and_can_be_repeated():
    photos, records = MemoryPhotos(), MemoryRecords()
    for image in (TEAL, PINK):
        set_photo(photos, records, upload(image))
    for _ in range(2):
        erase(photos, records)
        assert (photos.versions, records.left) == ({}, {})


def receipt(photos, progress, *, record, files):
    return Receipt("ada", photos, record, files, files, progress)


def test_a_receipt_says_what_was_deleted():
    photos, records = MemoryPhotos(), MemoryRecords()
    for image in (TEAL, PINK):
        set_photo(photos, records, upload(image))
    assert erase(photos, records, "ada", "ada", "grace") == receipt(2, None, record=True, files=2)
    assert erase(photos, records, "grace") == receipt(0, None, record=False, files=0)


def test_with_an_identity_provider_an_erasure_is_pending_until_confirmed_there():
    photos, records = MemoryPhotos(), MemoryRecords(tombstones=True)
    record, _ = set_photo(photos, records, upload())
    records.items["ada"] = replace(record, identity_id="00u1", published=PUBLISHED)
    pending = erase(photos, records)
    tombstone = records.items["ada"]
    assert tombstone == Tombstone("ada", tombstone.erased, "00u1", history=tombstone.history)
    progress = {"status": "pending", "at": tombstone.erased, "attempts": 0, "error": None}
    assert pending == receipt(1, progress, record=True, files=0)
    assert erase(photos, records) == receipt(0, progress, record=False, files=0)
    records.mark(tombstone, FAILED)
    assert erase(photos, records).identity_provider == asdict(FAILED)
    records.confirm_erasure(tombstone)
    assert erase(photos, records) == receipt(0, None, record=False, files=0)


def test_an_upload_takes_a_tombstones_place_and_its_identity_id():
    photos, records = MemoryPhotos(), MemoryRecords(tombstones=True)
    records.items["ada"] = TOMBSTONE
    record, changed = set_photo(photos, records, upload())
    assert changed
    assert records.items["ada"] == record
    assert record.identity_id == TOMBSTONE.identity_id
    again, _ = set_photo(photos, records, upload(PINK))
    assert (again.identity_id, again.published) == (TOMBSTONE.identity_id, None)


def test_erasing_fails_with_a_conflict_while_uploads_keep_coming():
    photos, records = MemoryPhotos(), MemoryRecords()
    record, _ = set_photo(photos, records, upload())
    records._before = lambda step: records.items.update(ada=record) if step == "records.entry" else None
    with pytest.raises(UploadConflict):
        erase(photos, records)
