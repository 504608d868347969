"""What an upload does at once: few calls one after another, none left when it answers, all logged as the request's."""

import io
import json
import logging
import threading

import pytest
from aws_lambda_powertools import Logger

from headshot import imaging
from headshot.problems import StoreUnavailable
from headshot.set_photo import set_photo
from tests.unit.in_order import Rounds
from tests.unit.memory import MemoryPhotos, MemoryRecords, fail_at
from tests.unit.test_set_photo import PINK, TEAL, upload


def served(photos):
    return next(iter(photos.versions.values()))


# docs/decisions.md has these numbers.
@pytest.mark.parametrize(
    ("uploads", "calls", "rounds"),
    [
        pytest.param([lambda _: PINK], 5, 4, id="a first photo"),
        pytest.param([lambda _: TEAL, lambda _: PINK], 7, 5, id="another photo"),
        pytest.param([lambda _: TEAL, lambda _: TEAL], 3, 2, id="the same picture again"),
        pytest.param([lambda _: TEAL, served], 4, 3, id="the photo itself"),
    ],
)
def test_an_upload_waits_for_few_calls(uploads, calls, rounds, monkeypatch):
    photos, records = MemoryPhotos(), MemoryRecords()
    *earlier, last = uploads
    for image in earlier:
        set_photo(photos, records, upload(image(photos)))
    counted = photos._before = records._before = Rounds()
    monkeypatch.setattr("headshot.set_photo.ThreadPoolExecutor", lambda: counted)
    set_photo(photos, records, upload(last(photos)))
    assert (counted.calls, counted.now) == (calls, rounds)


def test_the_record_is_read_while_the_picture_is_converted(monkeypatch):
    both = threading.Barrier(2)
    convert = imaging.convert

    def converted(*arguments):
        both.wait(10)
        return convert(*arguments)

    def read(step):
        if step == "records.entry":
            both.wait(10)

    monkeypatch.setattr(imaging, "convert", converted)
    record, _ = set_photo(MemoryPhotos(), MemoryRecords(read), upload())
    assert record.user_id == "ada"


def test_the_clean_up_runs_while_the_photo_is_checked_and_has_ended_when_the_upload_has():
    photos, records = MemoryPhotos(), MemoryRecords()
    set_photo(photos, records, upload(TEAL))
    all_three = threading.Barrier(3)
    together = {"photos.exists", "photos.supersede", "photos.supersede_abandoned"}

    def wait(step):
        if step in together:
            all_three.wait(10)

    photos._before = wait
    before = threading.active_count()
    record, _ = set_photo(photos, records, upload(PINK))
    assert not all_three.broken
    assert threading.active_count() == before
    assert [key[0] for key in photos.versions if key[2] != record.version] == ["superseded"]


def test_the_clean_up_ends_even_if_the_check_fails():
    photos, records = MemoryPhotos(), MemoryRecords()
    first, _ = set_photo(photos, records, upload(TEAL))
    photos._before = fail_at("photos.exists", StoreUnavailable())
    with pytest.raises(StoreUnavailable):
        set_photo(photos, records, upload(PINK))
    assert [key[0] for key in photos.versions if key[2] == first.version] == ["superseded"]


def test_the_former_photo_is_superseded_once_even_if_it_is_old():
    photos, records = MemoryPhotos(), MemoryRecords()
    first, _ = set_photo(photos, records, upload(TEAL))
    photos.abandoned.append(first.s3_version_id)
    steps: list[str] = []
    photos._before = steps.append
    set_photo(photos, records, upload(PINK))
    assert steps.count("photos.supersede") == 1


def test_a_broken_picture_is_refused_even_if_the_table_is_down():
    records = MemoryRecords(fail_at("records.entry", StoreUnavailable()))
    with pytest.raises(imaging.ImageError):
        set_photo(MemoryPhotos(), records, upload(TEAL[:-40]))


def test_a_failed_clean_up_is_logged_with_the_requests_keys():
    powertools = Logger(service="upload", stream=io.StringIO())
    powertools.set_correlation_id("request-1")
    powertools.append_keys(principal="admin")
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(powertools.registered_formatter)
    logger = logging.getLogger("headshot.set_photo")
    logger.addHandler(handler)
    photos = MemoryPhotos(fail_at("photos.supersede_abandoned", StoreUnavailable()))
    set_photo(photos, MemoryRecords(), upload())
    logger.removeHandler(handler)
    line = json.loads(handler.stream.getvalue())
    assert line["message"] == "clean-up failed"
    assert (line["correlation_id"], line["principal"], line["user_id"]) == ("request-1", "admin", "ada")
