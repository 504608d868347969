"""Files in the drop box that become no photo, and what is kept of them."""

from functools import partial
from urllib.parse import quote

import pytest

from tests.awaiting import eventually
from tests.stack.dropbox import ADA, rejected_as


def test_a_file_that_is_not_a_picture_is_kept_with_the_reason(rig, drop, ingested, uploader):
    drop("rejected1.jpg", b"no picture")
    upload = ingested("rejected1", "rejected1.jpg")
    assert (upload["status"], upload["code"], upload["url"]) == ("rejected", "unsupported-format", None)
    assert upload["detail"].startswith("The file is not a picture that Headshot reads.")
    assert uploader.record("rejected1").status_code == 404
    eventually(lambda: rig.objects("dropbox/rejected1") == [])
    assert rig.objects("rejected/rejected1") == ["rejected/rejected1.jpg"]
    assert uploader.get("/users/rejected1/photo/uploads").json() == {"uploads": [upload]}


def test_a_rejected_file_loses_its_tags(rig, drop, ingested):
    """Copying them would require a permission that the function does not have."""
    drop("tagged.jpg", b"no picture", Tagging="team=people")
    assert ingested("tagged", "tagged.jpg")["status"] == "rejected"
    eventually(lambda: rig.objects("dropbox/tagged") == [])
    kept = {"Bucket": rig.outputs["PhotosBucket"], "Key": "rejected/tagged.jpg"}
    assert rig.client("s3").get_object_tagging(**kept)["TagSet"] == []


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("archived", {"StorageClass": "GLACIER"}),
        ("encrypted", {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": bytes(32)}),
    ],
)
def test_a_file_that_s3_does_not_return_is_rejected_at_once_and_stays(rig, drop, ingested, name, options):
    drop(f"{name}.jpg", ADA, **options)
    upload = ingested(name, f"{name}.jpg")
    assert (upload["status"], upload["code"]) == ("rejected", "unreadable-file")
    assert rig.objects(f"dropbox/{name}") == [f"dropbox/{name}.jpg"]
    assert rig.objects(f"rejected/{name}") == []


@pytest.mark.parametrize(
    ("name", "user_id"),
    [
        ("not a user id.jpg", "not a user id"),
        ("boxed%40example.com.jpg", "boxed%40example.com"),
        ("what?.jpg", "what?"),
        (".jpg", ".jpg"),
        ("/nobodys.jpg", "?"),
        ("-/", "-"),
    ],
)
def test_a_file_whose_name_is_not_a_user_id_is_rejected(drop, uploader, name, user_id):
    drop(name, ADA)
    [upload] = eventually(partial(rejected_as, uploader, name))
    assert (upload["user_id"], upload["code"]) == (user_id, "invalid-user-id")
    start_after = quote(f"{user_id}/{upload['upload_id']}", safe="")
    assert uploader.get(f"/uploads?start_after={start_after}").status_code == 200


def test_a_file_in_a_folder_is_rejected_and_erased_with_the_user_of_that_name(rig, drop, uploader):
    drop("infolder/ada.jpg", ADA)
    [upload] = eventually(partial(rejected_as, uploader, "infolder/ada.jpg"))
    assert (upload["user_id"], upload["code"]) == ("infolder", "invalid-user-id")
    assert upload["detail"].startswith("Files in folders are not accepted.")
    assert uploader.record("infolder").status_code == 404
    eventually(lambda: rig.objects("dropbox/infolder/") == [])
    uploader.erase("infolder")
    assert rig.objects("rejected/infolder/") == []
    assert rejected_as(uploader, "infolder/ada.jpg") == []
