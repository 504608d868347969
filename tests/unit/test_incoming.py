"""The drop box as S3 answers it, above all where no emulator does."""

import pytest
from botocore.stub import Stubber

from headshot.incoming import File, Incoming
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
