"""The history of a user's photo: who set or erased it, when, and by which way."""

from dataclasses import replace
from typing import Any

import pytest

from headshot.erase import Eraser
from headshot.history import MOST, Change
from headshot.set_photo import NewPhoto, set_photo
from tests import pictures
from tests.unit.memory import MemoryErasable, MemoryPhotos, MemoryRecords

ADMIN, JOB = (f"arn:aws:iam::123456789012:user/{name}" for name in ("admin", "job"))
TEAL, PINK = (pictures.plain(colour) for colour in ("teal", "pink"))


class Box:
    def __init__(self, *, tombstones):
        self.photos, self.records = MemoryPhotos(), MemoryRecords(tombstones=tombstones)

    def set(self, image, **others):
        new = NewPhoto("ada", image, "https://photos.example.com", ADMIN)
        return set_photo(self.photos, self.records, replace(new, **others))[0]

    def erase(self):
        others: Any = MemoryErasable()
        Eraser(others, others, self.photos, self.records).erase("ada", "request-9", JOB)

    @property
    def history(self):
        return self.records.items["ada"].history


@pytest.fixture(params=[True, False], ids=["with an identity provider", "without"])
def box(request):
    return Box(tombstones=request.param)


def test_a_record_keeps_who_set_the_photo_when_and_by_which_way(box):
    first = box.set(TEAL, correlation_id="request-1")
    second = box.set(PINK, principal="drop box", way="drop box")
    box.set(PINK, principal=JOB)  # the same picture changes nothing
    assert box.history == (
        Change(first.updated, "set", "api", ADMIN, first.version, "request-1"),
        Change(second.updated, "set", "drop box", "drop box", second.version, None),
    )


def test_the_oldest_change_is_dropped(box):
    made = [box.set(image).updated for image in (TEAL, PINK) * (MOST // 2 + 1)]
    assert [change.at for change in box.history] == made[-MOST:]


def test_an_erasure_leaves_only_itself_and_who_did_it(box):
    box.set(TEAL)
    box.erase()
    erased = box.records.items["ada"].erased
    assert box.history == (Change(erased, "erased", "api", JOB, None, "request-9"),)
    box.erase()
    assert box.history[0].at == erased


def test_the_history_after_an_erasure_begins_with_it(box):
    box.set(TEAL)
    box.erase()
    erasure = box.history
    record = box.set(PINK)
    assert box.history == (*erasure, Change(record.updated, "set", "api", ADMIN, record.version, None))


def test_the_history_is_no_part_of_the_record_that_callers_see(box):
    assert "history" not in box.set(TEAL).public()
