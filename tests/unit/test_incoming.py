"""The drop box as S3 answers it, above all where no emulator does."""

import pytest
from botocore.stub import Stubber

from admin.sources import folder
from headshot import incoming as dropbox
from headshot.incoming import File, Incoming, split
from headshot.problems import StoreUnavailable, UnreadableFile
from tests.unit.test_stores import client, copied

FILE = File("ada.jpg", "s3-2", 1000, ("s3-1",))


@pytest.fixture
def s3():
    made = client("s3")
    with Stubber(made) as stub:
        yield stub, Incoming("bucket", made)
        stub.assert_no_pending_responses()


def deleted(key, version_id):
    return {"Bucket": "bucket", "Key": key, "VersionId": version_id}


def test_a_refused_file_is_copied_without_its_tags_and_then_deleted(s3):
    stub, incoming = s3
    stub.add_response("copy_object", {}, copied("refused/ada.jpg", deleted("incoming/ada.jpg", "s3-2")))
    for version_id in ("s3-1", "s3-2"):
        stub.add_response("delete_object", {}, deleted("incoming/ada.jpg", version_id))
    incoming.refuse(FILE)


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
def test_a_file_that_s3_will_never_hand_out_is_refused_with_the_reason(s3, code, encryption, advice):
    stub, incoming = s3
    source = deleted("incoming/ada.jpg", "s3-2")
    stub.add_client_error("get_object", code, http_status_code=403, expected_params=source)
    if encryption:
        stub.add_response("head_object", {"ServerSideEncryption": encryption}, source)
    with pytest.raises(UnreadableFile) as refused:
        incoming.read(FILE)
    assert refused.value.detail.endswith(advice)


@pytest.mark.parametrize("head", [{"ServerSideEncryption": "AES256"}, "403"])
def test_a_permission_that_is_missing_for_all_files_is_a_failure_of_the_store(s3, head):
    stub, incoming = s3
    stub.add_client_error("get_object", "AccessDenied", http_status_code=403)
    if head == "403":
        stub.add_client_error("head_object", "403", http_status_code=403)
    else:
        stub.add_response("head_object", head)
    with pytest.raises(StoreUnavailable):
        incoming.read(FILE)


@pytest.mark.parametrize("code", ["KMS.ThrottlingException", "SlowDown", "NoSuchVersion"])
def test_what_may_pass_is_a_failure_of_the_store(s3, code):
    stub, incoming = s3
    stub.add_client_error("get_object", code, http_status_code=400)
    with pytest.raises(StoreUnavailable):
        incoming.read(FILE)


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
def test_the_ending_of_an_image_file_is_no_part_of_the_user_id(name, user_id):
    assert split(name)[0] == user_id


def test_erasing_counts_the_files_and_leaves_those_of_others(s3):
    stub, incoming = s3
    keys = ["incoming/ada.jpg", "incoming/ada/x.jpg", "incoming/ada.too.jpg"]
    for prefix in ("incoming/", "refused/"):
        for kind in ("Versions", "DeleteMarkers"):
            listed = [{"Key": key, "VersionId": kind} for key in keys if key.startswith(prefix)]
            stub.add_response("list_object_versions", {kind: listed}, {"Bucket": "bucket", "Prefix": f"{prefix}ada"})
            for item in listed[:2]:
                stub.add_response("delete_object", {}, deleted(item["Key"], kind))
    assert incoming.erase("ada") == 2


def test_the_command_knows_the_same_endings_as_the_drop_box():
    assert folder._IMAGE == dropbox._ENDING
