"""An upload while S3 or DynamoDB fails: a photo stays current, and the upload can be repeated."""

import logging

import pytest

from headshot.problems import StoreUnavailable, UploadConflict
from headshot.set_photo import set_photo
from tests.unit.memory import MemoryPhotos, MemoryRecords, fail_at
from tests.unit.test_set_photo import PINK, TEAL, keys, upload


@pytest.fixture
def log(caplog):
    """What set_photo logs, even if an imported handler module has redirected its logger."""
    logger = logging.getLogger("headshot.set_photo")
    logger.addHandler(caplog.handler)
    yield caplog
    logger.removeHandler(caplog.handler)


@pytest.mark.parametrize("step", ["photos.supersede", "photos.supersede_abandoned"])
@pytest.mark.parametrize("error", [StoreUnavailable(), ZeroDivisionError()])
def test_a_failed_clean_up_is_logged_and_does_not_fail_the_upload(step, error, log):
    photos, records = MemoryPhotos(), MemoryRecords()
    set_photo(photos, records, upload(TEAL))
    photos._before = fail_at(step, error)
    record, changed = set_photo(photos, records, upload(PINK))
    assert changed
    assert records.items == {"ada": record}
    assert photos.exists("ada", record.version, record.s3_version_id)
    [logged] = {(line.levelname, line.message, line.user_id) for line in log.records}
    assert logged == ("ERROR", "clean-up failed", "ada")


def test_a_failed_clean_up_does_not_fail_an_upload_that_changes_nothing(log):
    photos, records = MemoryPhotos(), MemoryRecords()
    first, _ = set_photo(photos, records, upload())
    photos._before = fail_at("photos.supersede_abandoned", StoreUnavailable())
    assert set_photo(photos, records, upload()) == (first, False)
    assert "clean-up failed" in log.text


def test_a_conflict_is_raised_even_if_the_clean_up_after_it_fails(log):
    photos, records = MemoryPhotos(), MemoryRecords()
    photos._before = fail_at("photos.supersede", StoreUnavailable())
    records._before = fail_at("records.replace", UploadConflict("changed meanwhile"))
    with pytest.raises(UploadConflict, match="changed meanwhile"):
        set_photo(photos, records, upload())
    assert "clean-up failed" in log.text


@pytest.mark.parametrize("step", ["records.entry", "photos.put", "records.replace", "photos.exists"])
def test_if_any_step_fails_a_photo_stays_current_and_a_retry_succeeds(step):
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


def test_what_an_interrupted_upload_left_is_superseded_later():
    photos, records = MemoryPhotos(), MemoryRecords()
    records._before = fail_at("records.replace", StoreUnavailable())
    with pytest.raises(StoreUnavailable):
        set_photo(photos, records, upload(TEAL))
    [(_, _, left_behind, s3_version_id)] = photos.versions
    photos.abandoned.append(s3_version_id)
    record, _ = set_photo(photos, records, upload(PINK))
    assert keys(photos, "photos") == [record.version]
    assert keys(photos, "superseded") == [left_behind]
