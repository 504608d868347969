"""DropBox: which files can be read, which cannot, and in which order they are removed."""

from datetime import UTC, datetime, timedelta

import pytest

from headshot import file
from headshot.file import File, WaitingFile, split
from headshot.problems import StoreUnavailable, UnreadableFile
from headshot.stores.dropbox import DropBox
from headshot_cli.sources import folder
from tests.unit.stores.stubs import copied, stubbed

FILE = File("ada.jpg", "s3-2", 1000, ("s3-1",))


@pytest.fixture
def s3():
    with stubbed("s3", lambda client: DropBox("bucket", client)) as made:
        yield made


def deleted(key, version_id):
    return {"Bucket": "bucket", "Key": key, "VersionId": version_id}


def test_a_rejected_file_is_copied_first_and_its_newest_s3_version_is_deleted_last(s3):
    """Ingest takes the newest version: a crash in between must not leave an older one as the newest."""
    stub, drop_box = s3
    stub.add_client_error("copy_object", "AccessDenied", http_status_code=403)
    with pytest.raises(StoreUnavailable):
        drop_box.reject(FILE)
    stub.add_response("copy_object", {}, copied("rejected/ada.jpg", deleted("dropbox/ada.jpg", "s3-2")))
    for version_id in ("s3-1", "s3-2"):
        stub.add_response("delete_object", {}, deleted("dropbox/ada.jpg", version_id))
    drop_box.reject(FILE)


@pytest.mark.parametrize(
    ("code", "encryption", "advice"),
    [
        ("AccessDenied", "aws:kms", "that Headshot may not use. Copy it again with --sse AES256."),
        ("AccessDenied", "aws:kms:dsse", "that Headshot may not use. Copy it again with --sse AES256."),
        ("KMS.DisabledException", None, "that is disabled. Copy it again with --sse AES256."),
        ("KMS.KMSInvalidStateException", None, "that is about to be deleted. Copy it again with --sse AES256."),
        ("KMS.NotFoundException", None, "that no longer exists. Copy it again with --sse AES256."),
        ("InvalidRequest", None, "Copy it again without --sse-c."),
        ("InvalidObjectState", None, "Copy it again without --storage-class."),
    ],
)
def test_a_file_that_s3_will_never_return_is_unreadable_with_the_reason(s3, code, encryption, advice):
    stub, drop_box = s3
    source = deleted("dropbox/ada.jpg", "s3-2")
    stub.add_client_error("get_object", code, http_status_code=403, expected_params=source)
    if encryption:
        stub.add_response("head_object", {"ServerSideEncryption": encryption}, source)
    with pytest.raises(UnreadableFile) as rejected:
        drop_box.read(FILE)
    assert rejected.value.detail.endswith(advice)


@pytest.mark.parametrize("head", [{"ServerSideEncryption": "AES256"}, "403"])
def test_a_permission_missing_for_all_files_means_that_s3_is_unavailable(s3, head):
    stub, drop_box = s3
    stub.add_client_error("get_object", "AccessDenied", http_status_code=403)
    if head == "403":
        stub.add_client_error("head_object", "403", http_status_code=403)
    else:
        stub.add_response("head_object", head)
    with pytest.raises(StoreUnavailable):
        drop_box.read(FILE)


@pytest.mark.parametrize("code", ["KMS.ThrottlingException", "SlowDown", "NoSuchVersion"])
def test_a_transient_error_means_that_s3_is_unavailable(s3, code):
    stub, drop_box = s3
    stub.add_client_error("get_object", code, http_status_code=400)
    with pytest.raises(StoreUnavailable):
        drop_box.read(FILE)


@pytest.mark.parametrize(
    ("name", "user_id"),
    [
        ("ada.jpg", "ada"),
        ("ada.JFIF", "ada"),
        ("ada.jpe", "ada"),
        ("ada.lovelace@example.com.hif", "ada.lovelace@example.com"),
        ("ada.lovelace@example.com", "ada.lovelace@example.com"),
        ("ada@example.ai", "ada@example.ai"),
    ],
)
def test_the_extension_of_an_image_file_is_not_part_of_the_user_id(name, user_id):
    assert split(name)[0] == user_id


def test_erasing_counts_the_files_and_leaves_those_of_others(s3):
    stub, drop_box = s3
    keys = ["dropbox/ada.jpg", "dropbox/ada/x.jpg", "dropbox/ada.too.jpg"]
    for prefix in ("dropbox/", "rejected/"):
        for kind in ("Versions", "DeleteMarkers"):
            listed = [{"Key": key, "VersionId": kind} for key in keys if key.startswith(prefix)]
            stub.add_response("list_object_versions", {kind: listed}, {"Bucket": "bucket", "Prefix": f"{prefix}ada"})
            for item in listed[:2]:
                stub.add_response("delete_object", {}, deleted(item["Key"], kind))
    assert drop_box.erase("ada") == 2


def test_the_command_knows_the_same_extensions_as_the_drop_box():
    assert folder._IMAGE == file._EXTENSION


def test_waiting_files_are_listed_without_folders_and_new_files(s3):
    stub, drop_box = s3
    now = datetime.now(UTC)
    old, new = now - timedelta(minutes=11), now - timedelta(minutes=9)
    listed = [("", 0, old), ("folder/", 0, old), ("ada.jpg", 10, old), ("empty.jpg", 0, old), ("new.jpg", 10, new)]
    contents = [{"Key": f"dropbox/{name}", "Size": size, "LastModified": since} for name, size, since in listed]
    stub.add_response("list_objects_v2", {"Contents": contents}, {"Bucket": "bucket", "Prefix": "dropbox/"})
    found = drop_box.waiting(now - timedelta(minutes=10))
    assert list(found) == [WaitingFile("ada.jpg", old), WaitingFile("empty.jpg", old)]


def test_a_listing_that_fails_means_that_s3_is_unavailable(s3):
    stub, drop_box = s3
    stub.add_client_error("list_objects_v2", "AccessDenied", http_status_code=403)
    with pytest.raises(StoreUnavailable):
        list(drop_box.waiting(datetime.now(UTC)))
