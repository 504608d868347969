"""From a file in the drop box to a photo, where functions are killed and requests cross each other."""

import itertools
from contextlib import suppress
from types import SimpleNamespace

import pytest

from headshot import imaging
from headshot.erase import Eraser
from headshot.file import split
from headshot.ingest import Ingest
from headshot.problems import StoreUnavailable
from headshot.stores.uploads import Upload
from tests import pictures
from tests.unit.memory import MemoryDropBox, MemoryPhotos, MemoryRecords, MemoryUploads, fail_at
from tests.unit.test_set_photo import Turns

TEAL, PINK = (pictures.plain(colour) for colour in ("teal", "pink"))
CALLER = "arn:aws:iam::123456789012:user/admin"
FORM = "ada/33c9281c-49eb-4cae-a410-fa497133bed8"


@pytest.fixture
def box():
    """The drop box and all stores, with one form that was asked for."""
    stores = MemoryDropBox(), MemoryPhotos(), MemoryRecords(), MemoryUploads()
    box = SimpleNamespace(**dict(zip(("incoming", "photos", "records", "uploads"), stores, strict=True)))
    box.ingest = Ingest(*stores, "https://photos.example.com")
    box.uploads.put(Upload(*split(FORM), "waiting", "2026-01-02T03:04:05.000Z", principal=CALLER))

    def before(step):
        for store in stores:
            store._before = step

    box.before = before
    return box


def status(box):
    return box.uploads.find(*split(FORM)).status


def test_a_forms_photo_is_recorded_under_the_caller_that_asked_for_the_form(box):
    box.incoming.drop(FORM, TEAL)
    outcome = box.ingest.take(FORM)
    record = box.records.items["ada"]
    assert (outcome.status, outcome.url, outcome.file) == ("accepted", record.url, None)
    assert record.principal == outcome.principal == CALLER
    assert box.incoming.files == []


def test_a_copied_files_photo_is_recorded_under_the_drop_box(box):
    box.incoming.drop("ada.jpg", TEAL)
    outcome = box.ingest.take("ada.jpg")
    assert (outcome.file, outcome.principal) == ("ada.jpg", None)
    assert box.records.items["ada"].principal == "drop box"


def test_a_form_takes_one_file_and_deletes_what_comes_after(box):
    box.incoming.drop(FORM, TEAL)
    box.ingest.take(FORM)
    first = box.records.items["ada"]
    box.incoming.drop(FORM, PINK)
    assert box.ingest.take(FORM) is None
    assert (box.records.items["ada"], box.incoming.files, box.incoming.rejected) == (first, [], {})


def test_a_form_that_nobody_asked_for_takes_nothing(box):
    name = FORM.replace("ada", "grace")
    box.incoming.drop(name, TEAL)
    assert box.ingest.take(name) is None
    assert (box.records.items, box.incoming.files) == ({}, [])


def test_a_second_file_that_comes_while_the_first_is_taken_is_deleted_and_the_first_stands(box):
    box.incoming.drop(FORM, TEAL)

    def second(step):
        if step == "photos.put":
            box.before(lambda _step: None)
            box.incoming.drop(FORM, PINK)
            raise StoreUnavailable

    box.before(second)
    with pytest.raises(StoreUnavailable):
        box.ingest.take(FORM)
    assert box.ingest.take(FORM).status == "accepted"
    assert box.records.items["ada"].version == imaging.normalise(TEAL).version
    assert box.incoming.files == []


@pytest.mark.parametrize("image", [TEAL, b"no picture"])
@pytest.mark.parametrize(
    "step", ["uploads.claim", "incoming.read", "uploads.settle", "incoming.remove", "incoming.reject"]
)
def test_whatever_step_fails_a_retry_finishes_what_a_form_began(box, image, step):
    box.incoming.drop(FORM, image)
    box.before(fail_at(step, StoreUnavailable()))
    with suppress(StoreUnavailable):
        box.ingest.take(FORM)
    box.before(lambda _step: None)
    box.ingest.take(FORM)
    assert status(box) == ("accepted" if image == TEAL else "rejected")
    assert box.incoming.files == []
    assert box.incoming.rejected == ({} if image == TEAL else {FORM: image})


@pytest.fixture
def erase(box):
    """Erase ada as the API does."""
    return lambda: Eraser(box.incoming, box.uploads, box.photos, box.records).erase("ada")


def test_a_form_that_was_asked_for_before_an_erasure_is_void_after_it(box, erase):
    erase()
    box.incoming.drop(FORM, TEAL)
    assert box.ingest.take(FORM) is None
    assert (box.records.items, box.photos.versions, box.incoming.files) == ({}, {}, [])


def test_an_erasure_at_any_moment_leaves_nothing_of_a_form(box, erase):
    """Ingest takes thirteen steps, an erasure nine. The erasure runs in two parts, before each step of ingest."""
    waiting = dict(box.uploads.items)
    for first, second in itertools.combinations_with_replacement(range(14), 2):
        for steps in range(1, 9):
            box.uploads.items = dict(waiting)
            box.incoming.drop(FORM, TEAL)
            schedule = [0] * first + [1] * steps + [0] * (second - first) + [1] * 9
            turns = Turns(schedule, [lambda: box.ingest.take(FORM), erase])
            box.before(turns)
            turns.run()
            box.before(lambda _step: None)
            box.ingest.take(FORM)  # its message comes again if it failed
            assert (box.records.items, box.photos.versions, box.uploads.items) == ({}, {}, {}), schedule
            assert (box.incoming.files, box.incoming.rejected) == ([], {})
