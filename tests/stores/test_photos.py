"""PhotoStore, under the roles of the functions that use it."""

from datetime import timedelta

import pytest

from headshot.imaging import normalise
from headshot.problems import StoreUnavailable
from headshot.stores import photos
from headshot.stores.photos import PhotoStore
from tests import pictures

ADA, GRACE = (normalise(pictures.plain(colour)) for colour in ("teal", "plum"))
# Every character that a user id may hold, in an S3 key and in the header that names a copy's source.
USERS = ["ada", "ada.lovelace", "Ada_L-1@example.com", "o'ada+photos=~1@example.com"]


@pytest.fixture
def store(aws, s3):
    return PhotoStore(aws.resources["PhotosBucket"], s3("UploadRole"))


@pytest.fixture
def served(aws, s3):
    return PhotoStore(aws.resources["PhotosBucket"], s3("ServeRole"))


@pytest.fixture
def keys(aws):
    """List the keys of all S3 versions and delete markers under a prefix, one each."""

    def listed(prefix):
        page = aws.client("s3").list_object_versions(Bucket=aws.resources["PhotosBucket"], Prefix=prefix)
        return sorted(item["Key"] for item in page.get("Versions", []) + page.get("DeleteMarkers", []))

    return listed


@pytest.mark.parametrize("user_id", USERS)
def test_a_photo_is_read_as_it_was_stored(store, user_id):
    store.put(user_id, ADA)
    got = store.get(user_id, ADA.version)
    assert (got.size, got.jpeg) == (len(ADA.jpeg), ADA.jpeg)
    store.erase(user_id)


def test_a_photo_that_does_not_exist_is_none(store):
    assert store.get("nobody", ADA.version) is None


@pytest.mark.parametrize("user_id", USERS)
def test_a_superseded_photo_moves_and_is_still_found(store, keys, user_id):
    s3_version_id = store.put(user_id, ADA)
    store.put(user_id, GRACE)
    store.supersede(user_id, ADA.version, s3_version_id)
    assert store.get(user_id, ADA.version).jpeg == ADA.jpeg
    assert store.get(user_id, GRACE.version).jpeg == GRACE.jpeg
    assert keys(f"photos/{user_id}/") == [f"photos/{user_id}/{GRACE.version}.jpg"]
    assert keys(f"superseded/{user_id}/") == [f"superseded/{user_id}/{ADA.version}.jpg"]
    store.erase(user_id)


def test_a_picture_stored_twice_has_two_independent_s3_versions(store):
    first, second = store.put("twice", ADA), store.put("twice", ADA)
    assert first != second
    store.supersede("twice", ADA.version, second)
    assert store.exists("twice", ADA.version, first)
    assert not store.exists("twice", ADA.version, second)
    store.supersede("twice", ADA.version, second)
    assert store.exists("twice", ADA.version, first)
    store.erase("twice")


def test_abandoned_photos_are_superseded_and_the_current_one_stays(store, keys, monkeypatch):
    monkeypatch.setattr(photos, "_ABANDONED_AFTER", timedelta(seconds=-60))  # all of them are old enough
    store.put("abandoned", ADA)
    current = store.put("abandoned", GRACE)
    store.supersede_abandoned("abandoned", {current})
    assert store.exists("abandoned", GRACE.version, current)
    assert keys("photos/abandoned/") == [f"photos/abandoned/{GRACE.version}.jpg"]
    assert keys("superseded/abandoned/") == [f"superseded/abandoned/{ADA.version}.jpg"]
    store.erase("abandoned")


def test_erasing_a_user_leaves_no_s3_version_and_deletes_no_photo_of_others(store, keys):
    for photo in (ADA, GRACE, ADA):
        store.put("erased", photo)
    store.supersede("erased", ADA.version, store.put("erased", ADA))
    store.put("erased.too", ADA)
    store.erase("erased")
    assert keys("photos/erased/") + keys("superseded/erased/") == []
    assert keys("photos/erased") == [f"photos/erased.too/{ADA.version}.jpg"]
    store.erase("erased.too")


def test_a_missing_permission_means_that_s3_is_unavailable(served):
    with pytest.raises(StoreUnavailable):
        served.put("unserved", ADA)
