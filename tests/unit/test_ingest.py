"""From a file in the drop box to a photo, with functions that crash and requests that cross each other."""

import itertools
from contextlib import suppress
from types import SimpleNamespace

import pytest

from headshot import imaging
from headshot.erase import Eraser
from headshot.file import split
from headshot.ingest import Ingester
from headshot.problems import StoreUnavailable
from headshot.stores.uploads import Upload
from tests import pictures
from tests.unit.memory import MemoryDropBox, MemoryPhotos, MemoryRecords, MemoryUploads, fail_at
from tests.unit.turns import Turns

TEAL, PINK = (pictures.plain(colour) for colour in ("teal", "pink"))
CALLER = "arn:aws:iam::123456789012:user/admin"
FORM = "ada/33c9281c-49eb-4cae-a410-fa497133bed8"


@pytest.fixture
def box():
    """The drop box and all stores, with one form that was requested."""
    stores = MemoryDropBox(), MemoryPhotos(), MemoryRecords(), MemoryUploads()
    box = SimpleNamespace(**dict(zip(("drop_box", "photos", "records", "uploads"), stores, strict=True)))
    box.ingester = Ingester(*stores, "https://photos.example.com")
    box.uploads.put(Upload(*split(FORM), "waiting", "2026-01-02T03:04:05.000Z", principal=CALLER))

    def before(step):
        for store in stores:
            store._before = step

    box.before = before
    return box


def status(box):
    return box.uploads.find(*split(FORM)).status


def test_a_photo_by_form_is_recorded_under_the_caller_that_requested_the_form(box):
    box.drop_box.drop(FORM, TEAL)
    upload = box.ingester.ingest(FORM)
    record = box.records.items["ada"]
    assert (upload.status, upload.url, upload.file) == ("accepted", record.url, None)
    assert record.principal == upload.principal == CALLER
    assert box.drop_box.files == []


def test_a_photo_copied_into_the_drop_box_is_recorded_under_the_drop_box(box):
    box.drop_box.drop("ada.jpg", TEAL)
    upload = box.ingester.ingest("ada.jpg")
    assert (upload.file, upload.principal) == ("ada.jpg", None)
    assert box.records.items["ada"].principal == "drop box"


def test_a_form_accepts_one_file_and_later_ones_are_deleted(box):
    box.drop_box.drop(FORM, TEAL)
    box.ingester.ingest(FORM)
    first = box.records.items["ada"]
    box.drop_box.drop(FORM, PINK)
    assert box.ingester.ingest(FORM) is None
    assert (box.records.items["ada"], box.drop_box.files, box.drop_box.rejected) == (first, [], {})


def test_a_form_that_was_not_requested_accepts_nothing(box):
    name = FORM.replace("ada", "grace")
    box.drop_box.drop(name, TEAL)
    assert box.ingester.ingest(name) is None
    assert (box.records.items, box.drop_box.files) == ({}, [])


def test_a_second_file_that_arrives_during_ingestion_is_deleted_and_the_first_is_kept(box):
    box.drop_box.drop(FORM, TEAL)

    def second(step):
        if step == "photos.put":
            box.before(lambda _step: None)
            box.drop_box.drop(FORM, PINK)
            raise StoreUnavailable

    box.before(second)
    with pytest.raises(StoreUnavailable):
        box.ingester.ingest(FORM)
    assert box.ingester.ingest(FORM).status == "accepted"
    assert box.records.items["ada"].version == imaging.normalise(TEAL).version
    assert box.drop_box.files == []


@pytest.mark.parametrize("image", [TEAL, b"no picture"])
@pytest.mark.parametrize(
    "step", ["uploads.claim", "drop_box.read", "uploads.settle", "drop_box.remove", "drop_box.reject"]
)
def test_a_retry_finishes_an_upload_by_form_whichever_step_failed(box, image, step):
    box.drop_box.drop(FORM, image)
    box.before(fail_at(step, StoreUnavailable()))
    with suppress(StoreUnavailable):
        box.ingester.ingest(FORM)
    box.before(lambda _step: None)
    box.ingester.ingest(FORM)
    assert status(box) == ("accepted" if image == TEAL else "rejected")
    assert box.drop_box.files == []
    assert box.drop_box.rejected == ({} if image == TEAL else {FORM: image})


@pytest.fixture
def erase(box):
    """Erase ada as the API does."""
    return lambda: Eraser(box.drop_box, box.uploads, box.photos, box.records).erase("ada")


def test_an_erasure_voids_the_forms_requested_before_it(box, erase):
    erase()
    box.drop_box.drop(FORM, TEAL)
    assert box.ingester.ingest(FORM) is None
    assert (box.records.items, box.photos.versions, box.drop_box.files) == ({}, {}, [])


def test_an_erasure_at_any_moment_leaves_nothing_of_an_upload_by_form(box, erase):
    """Ingest takes thirteen steps, an erasure nine. The erasure runs in two parts, before each step of ingest."""
    waiting = dict(box.uploads.items)
    for first, second in itertools.combinations_with_replacement(range(14), 2):
        for steps in range(1, 9):
            box.uploads.items = dict(waiting)
            box.drop_box.drop(FORM, TEAL)
            schedule = [0] * first + [1] * steps + [0] * (second - first) + [1] * 9
            turns = Turns(schedule, [lambda: box.ingester.ingest(FORM), erase])
            box.before(turns)
            turns.run()
            box.before(lambda _step: None)
            box.ingester.ingest(FORM)  # its message is delivered again if it failed
            assert (box.records.left, box.photos.versions, box.uploads.items) == ({}, {}, {}), schedule
            assert (box.drop_box.files, box.drop_box.rejected) == ([], {})
