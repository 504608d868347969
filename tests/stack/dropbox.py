"""How files get into the drop box, and what the tests say about their uploads."""

import hashlib
from functools import partial
from urllib.parse import quote

import pytest

from local import portrait
from tests.awaiting import eventually

ADA, GRACE = (portrait.jpeg(name, (300, 400)) for name in ("Ada Lovelace", "Grace Hopper"))


@pytest.fixture
def drop(rig):
    """Copy a file into the drop box, as `aws s3 cp` does."""
    return lambda name, data, **options: rig.client("s3").put_object(
        Bucket=rig.outputs["PhotosBucket"], Key=f"dropbox/{name}", Body=data, **options
    )


@pytest.fixture
def settled(uploader):
    """Wait until an upload is accepted or rejected, and return it."""

    def found(user_id, upload_id):
        answer = uploader.get(f"/users/{user_id}/photo/uploads/{upload_id}")
        return answer.status_code == 200 and answer.json()["status"] != "waiting" and answer.json()

    return lambda user_id, upload_id: eventually(partial(found, user_id, upload_id))


@pytest.fixture
def ingested(settled):
    """Wait until a file named after its user is accepted or rejected, and return its upload."""
    return lambda user_id, name: settled(user_id, upload_id_of(name))


def upload_id_of(name):
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def listed(uploader, status):
    """Everyone's uploads of one status, page after page."""
    page = uploader.get(f"/uploads?status={status}").json()
    found = page["uploads"]
    while page["start_after"]:
        page = uploader.get(f"/uploads?start_after={quote(page['start_after'], safe='')}&status={status}").json()
        found += page["uploads"]
    return found


def rejected_as(uploader, name):
    """The rejected uploads of one file."""
    return [item for item in listed(uploader, "rejected") if item["file"] == name]
