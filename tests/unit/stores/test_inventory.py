"""Inventory: how pages become users, and what photos without metadata say."""

import io
from datetime import UTC, datetime

import pytest
from botocore.response import StreamingBody

from headshot import metadata
from headshot.imaging import normalise
from headshot.stores.inventory import Found, Inventory
from tests import pictures
from tests.unit.examples import RECORD, VERSION
from tests.unit.stores.stubs import stubbed

STORED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
FOUND = Found("ada", VERSION, "s3-1", 10, STORED, is_marker=False)
ITEM = {"Bucket": "bucket", "Key": f"photos/ada/{VERSION}.jpg", "VersionId": "s3-1"}
LISTED = {"Bucket": "bucket", "Prefix": "photos/"}


@pytest.fixture
def s3():
    with stubbed("s3", lambda client: Inventory("bucket", client)) as made:
        yield made


def item(user_id, s3_version_id, **more):
    return {"Key": f"photos/{user_id}/{VERSION}.jpg", "VersionId": s3_version_id, "LastModified": STORED} | more


def test_a_user_whose_versions_are_on_two_pages_is_listed_once(s3):
    stub, inventory = s3
    first = {"Versions": [item("ada", "s3-1", Size=10)], "DeleteMarkers": [item("Zoe", "s3-0")]}
    more = {"IsTruncated": True, "NextKeyMarker": "k", "NextVersionIdMarker": "v"}
    second = {"Versions": [item("ada", "s3-2", Size=9), {**item("ada", "s3-3", Size=1), "Key": "photos/ada/notes.txt"}]}
    stub.add_response("list_object_versions", first | more, LISTED)
    stub.add_response("list_object_versions", second, LISTED | {"KeyMarker": "k", "VersionIdMarker": "v"})
    zoe = Found("Zoe", VERSION, "s3-0", 0, STORED, is_marker=True)
    other = Found("ada", VERSION, "s3-2", 9, STORED, is_marker=False)
    assert list(inventory.users(None)) == [[zoe], [FOUND, other]]


def test_a_listing_continues_after_all_photos_of_a_user(s3):
    stub, inventory = s3
    stub.add_response("list_object_versions", {}, LISTED | {"KeyMarker": "photos/ada0"})
    assert list(inventory.users("ada")) == []


def test_metadata_are_read_as_they_were_written(s3):
    stub, inventory = s3
    stored = metadata.of(RECORD)
    assert all(value.isascii() for value in stored.values())
    stub.add_response("head_object", {"Metadata": stored}, ITEM)
    facts = inventory.facts(FOUND)
    assert facts == {name: str(getattr(RECORD, name)) for name in facts}
    assert facts.keys() == {"width", "height", "created", "updated", "principal"}


def body(data):
    return {"Body": StreamingBody(io.BytesIO(data), len(data))}


def test_without_metadata_the_photo_itself_says_its_size(s3):
    stub, inventory = s3
    photo = normalise(pictures.plain("teal"))
    stub.add_response("head_object", {"Metadata": {}}, ITEM)
    stub.add_response("get_object", body(photo.jpeg), ITEM)
    assert inventory.facts(FOUND) == {"width": str(photo.width), "height": str(photo.height)}


def test_what_is_no_photo_of_ours_has_no_facts(s3):
    stub, inventory = s3
    stub.add_response("head_object", {"Metadata": {"colour": "teal"}}, ITEM)
    stub.add_response("get_object", body(b"no photo"), ITEM)
    with pytest.raises(ValueError, match="no photo"):
        inventory.facts(FOUND)


def test_a_delete_marker_is_removed_by_its_own_id(s3):
    stub, inventory = s3
    stub.add_response("delete_object", {}, ITEM)
    inventory.undelete(FOUND)
