import itertools
import logging
import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headshot.erase import Eraser, Receipt
from headshot.imaging.errors import BrokenImageError
from headshot.problems import Problem, StoreUnavailable, UploadConflict
from headshot.set_photo import NewPhoto, set_photo
from headshot.stores.records import Tombstone
from tests import pictures
from tests.unit.memory import MemoryErasable, MemoryPhotos, MemoryRecords, fail_at
from tests.unit.test_stores import FAILED, PUBLISHED, TOMBSTONE

TEAL, PINK = (pictures.plain(colour) for colour in ("teal", "pink"))


def upload(image=TEAL, principal="arn:aws:iam::123456789012:user/admin"):
    return NewPhoto("ada", image, "https://photos.example.com", principal)


def erase(photos, records, *files):
    incoming: Any = MemoryErasable(*files)
    uploads: Any = MemoryErasable(*files)
    return Eraser(incoming, uploads, photos, records).erase("ada")


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


def test_a_picture_that_was_served_keeps_its_version_when_it_is_uploaded_again():
    photos, records = MemoryPhotos(), MemoryRecords()
    first, _ = set_photo(photos, records, upload(TEAL))
    [served] = photos.versions.values()
    assert set_photo(photos, records, upload(served)) == (first, False)
    set_photo(photos, records, upload(PINK))
    back, changed = set_photo(photos, records, upload(served))
    assert changed
    assert back.version == first.version
    assert photos.versions["photos", "ada", back.version, back.s3_version_id] == served


def test_a_picture_that_only_looks_served_is_made_anew():
    photos, records = MemoryPhotos(), MemoryRecords()
    foreign = pictures.plain(kind="JPEG")
    record, _ = set_photo(photos, records, upload(foreign))
    assert foreign not in photos.versions.values()
    assert photos.get("ada", record.version)


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


@pytest.fixture
def log(caplog):
    """What replace logs, whether or not a handler module was imported, which sends it elsewhere."""
    logger = logging.getLogger("headshot.set_photo")
    logger.addHandler(caplog.handler)
    yield caplog
    logger.removeHandler(caplog.handler)


@pytest.mark.parametrize("step", ["photos.supersede", "photos.supersede_abandoned"])
@pytest.mark.parametrize("error", [StoreUnavailable(), ZeroDivisionError()])
def test_a_clean_up_that_fails_is_logged_and_does_not_fail_the_upload(step, error, log):
    photos, records = MemoryPhotos(), MemoryRecords()
    set_photo(photos, records, upload(TEAL))
    photos._before = fail_at(step, error)
    record, changed = set_photo(photos, records, upload(PINK))
    assert changed
    assert records.items == {"ada": record}
    assert photos.exists("ada", record.version, record.s3_version_id)
    [logged] = {(line.levelname, line.message, line.user_id) for line in log.records}
    assert logged == ("ERROR", "clean-up failed", "ada")


def test_a_clean_up_that_fails_does_not_fail_an_upload_that_changes_nothing(log):
    photos, records = MemoryPhotos(), MemoryRecords()
    first, _ = set_photo(photos, records, upload())
    photos._before = fail_at("photos.supersede_abandoned", StoreUnavailable())
    assert set_photo(photos, records, upload()) == (first, False)
    assert "clean-up failed" in log.text


def test_a_conflict_stays_one_if_the_clean_up_after_it_fails(log):
    photos, records = MemoryPhotos(), MemoryRecords()
    photos._before = fail_at("photos.supersede", StoreUnavailable())
    records._before = fail_at("records.replace", UploadConflict("changed meanwhile"))
    with pytest.raises(UploadConflict, match="changed meanwhile"):
        set_photo(photos, records, upload())
    assert "clean-up failed" in log.text


@pytest.mark.parametrize("step", ["records.read", "photos.put", "records.replace", "photos.exists"])
def test_whatever_step_fails_a_current_photo_remains_and_a_retry_succeeds(step):
    photos, records = MemoryPhotos(), MemoryRecords()
    first, _ = set_photo(photos, records, upload(TEAL))
    photos._before = records._before = fail_at(step, StoreUnavailable())
    with pytest.raises(StoreUnavailable):
        set_photo(photos, records, upload(PINK))
    assert photos.exists("ada", records.items["ada"].version, records.items["ada"].s3_version_id)
    if step != "photos.exists":
        assert records.items["ada"] == first
    second, _ = set_photo(photos, records, upload(PINK))
    assert records.items["ada"] == second
    assert second.version != first.version


def test_what_a_broken_off_upload_left_is_superseded_when_it_has_grown_old():
    photos, records = MemoryPhotos(), MemoryRecords()
    records._before = fail_at("records.replace", StoreUnavailable())
    with pytest.raises(StoreUnavailable):
        set_photo(photos, records, upload(TEAL))
    [(_, _, left_behind, s3_version_id)] = photos.versions
    photos.abandoned.append(s3_version_id)
    record, _ = set_photo(photos, records, upload(PINK))
    assert keys(photos, "photos") == [record.version]
    assert keys(photos, "superseded") == [left_behind]


def test_a_picture_that_was_lost_is_stored_again():
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
        assert (photos.versions, records.items) == ({}, {})


def receipt(photos, progress, *, record, files):
    return Receipt("ada", photos, record, files, files, progress)


def test_a_receipt_says_what_was_there():
    photos, records = MemoryPhotos(), MemoryRecords()
    for image in (TEAL, PINK):
        set_photo(photos, records, upload(image))
    assert erase(photos, records, "ada", "ada", "grace") == receipt(2, None, record=True, files=2)
    assert erase(photos, records, "grace") == receipt(0, None, record=False, files=0)


def test_where_there_is_an_identity_provider_an_erasure_is_pending_until_that_has_confirmed_it():
    photos, records = MemoryPhotos(), MemoryRecords(tombstones=True)
    record, _ = set_photo(photos, records, upload())
    records.items["ada"] = replace(record, identity_id="00u1", published=PUBLISHED)
    pending = erase(photos, records)
    tombstone = records.items["ada"]
    assert tombstone == Tombstone("ada", tombstone.erased, "00u1")
    progress = {"status": "pending", "at": tombstone.erased, "attempts": 0, "error": None}
    assert pending == receipt(1, progress, record=True, files=0)
    assert erase(photos, records) == receipt(0, progress, record=False, files=0)
    records.mark(tombstone, FAILED)
    assert erase(photos, records).identity_provider == asdict(FAILED)
    records.forget(tombstone)
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


def test_erasing_gives_up_while_uploads_keep_coming():
    photos, records = MemoryPhotos(), MemoryRecords()
    record, _ = set_photo(photos, records, upload())
    records._before = lambda step: records.items.update(ada=record) if step == "records.read" else None
    with pytest.raises(UploadConflict):
        erase(photos, records)


class Turns:
    """Lets threads go on one store call at a time, in the order of a schedule."""

    def __init__(self, schedule: list[int], actors: list[Callable[[], object]]) -> None:
        self._schedule, self._waiting = schedule, threading.Condition()
        self._alive = dict(enumerate(actors))
        self._at_door: set[int] = set()
        self._turn: int | None = None
        self._step = 0
        self._local = threading.local()

    def __call__(self, _step: str) -> None:
        if not hasattr(self._local, "actor"):
            return
        with self._waiting:
            self._at_door.add(self._local.actor)
            self._pass_on()
            assert self._waiting.wait_for(lambda: self._turn == self._local.actor, timeout=10)
            self._turn = None
            self._at_door.discard(self._local.actor)

    def _pass_on(self) -> None:
        """Give the turn to whom the schedule says, once everybody who is still at work has come to the door."""
        if self._turn is None and self._at_door and self._at_door == self._alive.keys():
            candidates = sorted(self._at_door)
            self._turn = candidates[self._schedule[self._step % len(self._schedule)] % len(candidates)]
            self._step += 1
            self._waiting.notify_all()

    def run(self) -> None:
        threads = [threading.Thread(target=self._act, args=item) for item in self._alive.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()

    def _act(self, actor: int, action: Callable[[], object]) -> None:
        self._local.actor = actor
        try:
            action()
        except Problem:
            pass
        finally:
            with self._waiting:
                del self._alive[actor]
                self._pass_on()


def interleave(schedule, other, *, known, tombstones=False):
    """Run an upload beside something else, and check that the record, if there is one, points to the one picture."""
    photos, records = MemoryPhotos(), MemoryRecords(tombstones=tombstones)
    if known:
        set_photo(photos, records, upload(pictures.plain("olive")))
    turns = Turns(schedule, [lambda: set_photo(photos, records, upload(TEAL)), lambda: other(photos, records)])
    photos._before = records._before = turns
    turns.run()
    photos._before = records._before = lambda _step: None
    record = records.find("ada")
    current = [key[2:] for key in photos.versions if key[0] == "photos"]
    assert current == ([(record.version, record.s3_version_id)] if record else [])
    return record or records.items.get("ada")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 1), min_size=12, max_size=16), st.sampled_from([TEAL, PINK]), st.booleans())
def test_of_two_uploads_at_once_one_stays(schedule, image, known):
    assert interleave(schedule, lambda photos, records: set_photo(photos, records, upload(image)), known=known)


@pytest.mark.parametrize("tombstones", [True, False])
@pytest.mark.parametrize("known", [True, False])
def test_an_upload_and_an_erasure_at_once_leave_no_record_without_a_picture(known, tombstones):
    for erasing in itertools.combinations(range(10), 4):
        schedule = [int(step in erasing) for step in range(10)]
        left = interleave(schedule, erase, known=known, tombstones=tombstones)
        assert tombstones or not isinstance(left, Tombstone)
        assert left or not (tombstones and known), "the identity provider would not learn of the erasure"
