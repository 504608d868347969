"""PhotoStore: when a picture is missing, when S3 is unavailable, and what is superseded."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from botocore.response import StreamingBody

from headshot.problems import StoreMissing, StoreUnavailable
from headshot.stores.photos import PhotoStore, PhotoVersion
from headshot.stores.stored import StoredPhoto
from tests.unit.examples import VERSION
from tests.unit.stores.stubs import copied, stubbed

STORED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
CURRENT, SUPERSEDED = f"photos/ada/{VERSION}.jpg", f"superseded/ada/{VERSION}.jpg"
ITEM = {"Bucket": "bucket", "Key": CURRENT, "VersionId": "s3-1"}


@pytest.fixture
def s3():
    with stubbed("s3", lambda client: PhotoStore("bucket", client)) as made:
        yield made


def test_a_missing_key_is_no_error(s3):
    stub, photos = s3
    for key in (CURRENT, SUPERSEDED):
        expected = {"Bucket": "bucket", "Key": key}
        stub.add_client_error("get_object", "NoSuchKey", http_status_code=404, expected_params=expected)
    assert photos.get("ada", VERSION) is None


def test_a_missing_bucket_is_an_outage_not_a_missing_picture(s3):
    stub, photos = s3
    stub.add_client_error("get_object", "NoSuchBucket", http_status_code=404)
    with pytest.raises(StoreMissing, match="bucket no longer exists"):
        photos.get("ada", VERSION)


@pytest.mark.parametrize("code", ["AccessDenied", "KMS.DisabledException"])
def test_a_denied_read_is_an_outage_not_a_missing_picture(s3, code):
    stub, photos = s3
    stub.add_client_error("get_object", code, http_status_code=403)
    with pytest.raises(StoreUnavailable):
        photos.get("ada", VERSION)
    stub.add_client_error("get_object", "NoSuchKey", http_status_code=404)
    stub.add_client_error("get_object", code, http_status_code=403)  # for the superseded picture
    with pytest.raises(StoreUnavailable):
        photos.get("ada", VERSION)


def versions(*ids):
    return {"Versions": [{"Key": CURRENT, "VersionId": found, "LastModified": STORED} for found in ids]}


@pytest.mark.parametrize(("code", "status"), [("404", 404), ("403", 403), ("AccessDenied", 403)])
@pytest.mark.parametrize(("listed", "exists"), [(["s3-0", "s3-1"], True), (["s3-0"], False), ([], False)])
def test_a_picture_is_missing_only_if_the_list_of_its_versions_says_so(s3, code, status, listed, exists):
    stub, photos = s3
    stub.add_client_error("head_object", code, http_status_code=status, expected_params=ITEM)
    stub.add_response("list_object_versions", versions(*listed), {"Bucket": "bucket", "Prefix": CURRENT})
    assert photos.exists("ada", VERSION, "s3-1") is exists


def test_a_picture_is_not_missing_if_its_versions_cannot_be_listed(s3):
    stub, photos = s3
    stub.add_client_error("head_object", "403", http_status_code=403)
    stub.add_client_error("list_object_versions", "AccessDenied", http_status_code=403)
    with pytest.raises(StoreUnavailable):
        photos.exists("ada", VERSION, "s3-1")
    stub.add_client_error("head_object", "503", http_status_code=503)
    with pytest.raises(StoreUnavailable):
        photos.exists("ada", VERSION, "s3-1")


def test_a_picture_that_head_finds_exists(s3):
    stub, photos = s3
    stub.add_response("head_object", {}, ITEM)
    assert photos.exists("ada", VERSION, "s3-1")


def test_a_superseded_picture_is_still_found(s3):
    stub, photos = s3
    stub.add_client_error("get_object", "NoSuchKey", http_status_code=404)
    body = StreamingBody(io.BytesIO(b"jpeg"), 4)
    stub.add_response(
        "get_object",
        {"ContentLength": 4, "LastModified": STORED, "Body": body},
        expected_params={"Bucket": "bucket", "Key": SUPERSEDED},
    )
    assert photos.get("ada", VERSION) == StoredPhoto(4, STORED, b"jpeg")


def test_superseding_copies_first_and_then_deletes_the_same_s3_version(s3):
    stub, photos = s3
    stub.add_response("copy_object", {}, copied(SUPERSEDED, ITEM))
    stub.add_response("delete_object", {}, ITEM)
    photos.supersede("ada", VERSION, "s3-1")


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchVersion"])
def test_superseding_a_missing_picture_does_nothing(s3, code):
    stub, photos = s3
    stub.add_client_error("copy_object", code, http_status_code=404)
    photos.supersede("ada", VERSION, "s3-1")


def test_superseding_fails_if_s3_denies_the_copy(s3):
    stub, photos = s3
    stub.add_client_error("copy_object", "AccessDenied", http_status_code=403)
    with pytest.raises(StoreUnavailable):
        photos.supersede("ada", VERSION, "s3-1")


def test_only_versions_too_old_to_be_in_progress_are_abandoned(s3):
    stub, photos = s3
    now = datetime.now(UTC)
    listed = [
        {"Key": CURRENT, "VersionId": "current", "LastModified": now - timedelta(days=400)},
        {"Key": CURRENT, "VersionId": "in-progress", "LastModified": now - timedelta(minutes=15)},
        {"Key": CURRENT, "VersionId": "abandoned", "LastModified": now - timedelta(minutes=25)},
    ]
    stub.add_response("list_object_versions", {"Versions": listed}, {"Bucket": "bucket", "Prefix": "photos/ada/"})
    abandoned = ITEM | {"VersionId": "abandoned"}
    stub.add_response("copy_object", {}, copied(SUPERSEDED, abandoned))
    stub.add_response("delete_object", {}, abandoned)
    photos.supersede_abandoned("ada", {"current"})


def test_old_photos_are_listed_page_by_page_without_other_files(s3):
    stub, photos = s3
    now = datetime.now(UTC)
    old, new = now - timedelta(minutes=11), now - timedelta(minutes=9)
    keys = [(CURRENT, old), ("photos/ada/notes.txt", old), (CURRENT, new)]
    first = [{"Key": key, "VersionId": "s3-1", "LastModified": since} for key, since in keys]
    markers = [{"Key": CURRENT, "VersionId": "s3-0", "LastModified": old}]
    more = {"IsTruncated": True, "NextKeyMarker": "k", "NextVersionIdMarker": "v"}
    expected = {"Bucket": "bucket", "Prefix": "photos/"}
    stub.add_response("list_object_versions", {"Versions": first, "DeleteMarkers": markers} | more, expected)
    pages = photos.stored_before(now - timedelta(minutes=10))
    assert next(pages) == [PhotoVersion("ada", VERSION, "s3-1")]
    stub.add_response("list_object_versions", {}, expected | {"KeyMarker": "k", "VersionIdMarker": "v"})
    assert list(pages) == [[]]


def test_a_listing_that_fails_means_that_s3_is_unavailable(s3):
    stub, photos = s3
    stub.add_client_error("list_object_versions", "AccessDenied", http_status_code=403)
    with pytest.raises(StoreUnavailable):
        list(photos.stored_before(STORED))
