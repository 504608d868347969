"""DropBox, under the roles of ingest and upload."""

import pytest
import requests

from headshot.stores.dropbox import DropBox

NAMES = ["box.jpg", "box@example.com.jpg", "o'box+1=~@example.com.JPEG", "box/33c9281c-49eb-4cae-a410-fa497133bed8"]


@pytest.fixture
def bucket(aws):
    return aws.resources["PhotosBucket"]


@pytest.fixture
def store(bucket, s3):
    return DropBox(bucket, s3("IngestRole"))


@pytest.fixture
def drop(aws, bucket):
    """Copy a file into the drop box, as an administrator does."""
    return lambda name, data: aws.client("s3").put_object(Bucket=bucket, Key=f"dropbox/{name}", Body=data)


@pytest.fixture
def kept(aws, bucket):
    """Return the keys under `dropbox/` and `rejected/`, of all S3 versions and delete markers."""

    def listed():
        pages = [aws.client("s3").list_object_versions(Bucket=bucket, Prefix=p) for p in ("dropbox/", "rejected/")]
        return [item["Key"] for page in pages for kind in ("Versions", "DeleteMarkers") for item in page.get(kind, [])]

    return listed


@pytest.mark.parametrize("name", NAMES)
def test_of_several_files_of_one_name_the_newest_is_read_and_all_are_removed(store, drop, kept, name):
    for data in (b"first", b"second", b"newest"):
        drop(name, data)
    file = store.find(name)
    assert (file.name, file.size, len(file.older)) == (name, 6, 2)
    assert store.read(file) == b"newest"
    store.remove(file)
    assert store.find(name) is None
    assert kept() == []


@pytest.mark.parametrize("name", NAMES)
def test_a_rejected_file_moves_with_its_content(aws, bucket, store, drop, kept, name):
    drop(name, b"no picture")
    store.reject(store.find(name))
    assert kept() == [f"rejected/{name}"]
    kept_file = {"Bucket": bucket, "Key": f"rejected/{name}"}
    assert aws.client("s3").get_object(**kept_file)["Body"].read() == b"no picture"
    [version] = aws.client("s3").list_object_versions(Bucket=bucket, Prefix=kept_file["Key"])["Versions"]
    aws.client("s3").delete_object(**kept_file, VersionId=version["VersionId"])


def test_a_file_is_found_by_its_whole_name(store, drop):
    drop("whole.jpg.jpg", b"another")
    assert store.find("whole.jpg") is None
    store.remove(store.find("whole.jpg.jpg"))


def test_folders_made_in_the_s3_console_are_not_files(aws, bucket, store, drop):
    for name in ("", "folder/"):
        version = drop(name, b"")["VersionId"]
        assert store.find(name) is None
        aws.client("s3").delete_object(Bucket=bucket, Key=f"dropbox/{name}", VersionId=version)


def test_erasing_a_user_deletes_no_files_of_others(bucket, s3, store, drop, kept):
    for name in ("gone.jpg", "gone.jpg", "gone", "gone/33c9281c", "gone.too.jpg"):
        drop(name, b"no picture")
    store.reject(store.find("gone.jpg"))
    DropBox(bucket, s3("UploadRole")).erase("gone")
    assert kept() == ["dropbox/gone.too.jpg"]
    store.remove(store.find("gone.too.jpg"))


FORM = "33c9281c-49eb-4cae-a410-fa497133bed8"


def test_a_form_accepts_one_file_of_one_name(aws, bucket):
    """MiniStack checks a form's key, size and signature (tests/stack/test_forms.py); moto checks none of them.

    moto cannot even accept one while it enforces policies, so this test does not use `s3`.
    """
    upload, ingest = (DropBox(bucket, aws.client("s3", role)) for role in ("UploadRole", "IngestRole"))
    form = upload.form("form@example.com", FORM)
    sent = requests.post(form["url"], data=form["fields"], files={"file": b"a file"}, timeout=10)
    assert sent.status_code == 204
    file = ingest.find(f"form@example.com/{FORM}")
    assert file is not None
    assert (ingest.read(file), file.user_id, file.upload_id) == (b"a file", "form@example.com", FORM)
    ingest.remove(file)
