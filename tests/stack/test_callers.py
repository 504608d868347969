"""Reading is public; everything else needs a signature of somebody with the stack's policy."""

import pytest
import requests
from botocore.credentials import Credentials

from local import portrait
from tests.stack.conftest import Caller, Signature

ADA = portrait.jpeg("Ada Lovelace", (300, 400))


@pytest.fixture
def forger(rig, uploader):
    """Somebody who knows the uploader's key id and session but not the secret."""
    known = uploader.auth._signer.credentials
    return Caller(rig.url, Signature(Credentials(known.access_key, "guessed", known.token)))


@pytest.fixture
def foreigner(rig):
    """Somebody with keys that this account never gave out."""
    return Caller(rig.url, Signature(Credentials("AKIAUNKNOWN", "unknown")))


@pytest.mark.parametrize("who", ["stranger", "bystander", "foreigner", "forger"])
def test_nobody_else_may_upload_read_or_erase(request, uploader, who):
    record = uploader.upload("guarded", ADA).json()
    caller = request.getfixturevalue(who)
    other = portrait.jpeg("Mallory", (300, 400))
    answers = [caller.upload("guarded", other), caller.record("guarded"), caller.erase("guarded")]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert all(b"guarded" not in answer.content for answer in answers)
    assert uploader.record("guarded").json() == record


def test_a_signature_holds_for_one_path_only(rig, uploader):
    prepared = requests.Request("GET", f"{rig.url}/users/signed/photo", auth=uploader.auth).prepare()
    prepared.url = f"{rig.url}/users/another/photo"
    assert uploader.send(prepared).status_code == 403


def test_a_signature_does_no_harm_where_none_is_needed(uploader, bystander):
    url = uploader.upload("open", ADA).json()["url"]
    assert bystander.get(url).status_code == 200
