"""Reading is public; everything else needs the signature of a caller with the stack's policy."""

import json
import re

import pytest
import requests
from botocore.credentials import Credentials

from local import portrait
from local.stack import PROJECT
from tests.stack.conftest import Caller, Signature

ADA = portrait.jpeg("Ada Lovelace", (300, 400))


@pytest.fixture
def forger(rig, uploader):
    """A caller who knows the uploader's key id and session, but not the secret."""
    known = uploader.auth._signer.credentials
    return Caller(rig.url, Signature(Credentials(known.access_key, "guessed", known.token)))


@pytest.fixture
def foreigner(rig):
    """A caller with keys that this account has never issued."""
    return Caller(rig.url, Signature(Credentials("AKIAUNKNOWN", "unknown")))


@pytest.mark.parametrize("who", ["stranger", "bystander", "foreigner", "forger"])
def test_only_the_uploader_may_upload_read_or_erase(request, uploader, who):
    record = uploader.upload("guarded", ADA).json()
    caller = request.getfixturevalue(who)
    other = portrait.jpeg("Mallory", (300, 400))
    answers = [caller.upload("guarded", other), caller.record("guarded"), caller.erase("guarded")]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert all(b"guarded" not in answer.content for answer in answers)
    assert uploader.record("guarded").json() == record


def test_a_signature_is_valid_for_one_path_only(rig, uploader):
    prepared = requests.Request("GET", f"{rig.url}/users/signed/photo", auth=uploader.auth).prepare()
    prepared.url = f"{rig.url}/users/another/photo"
    assert uploader.send(prepared).status_code == 403


def test_a_signature_is_accepted_where_none_is_needed(uploader, bystander):
    url = uploader.upload("open", ADA).json()["url"]
    assert bystander.get(url).status_code == 200


@pytest.mark.parametrize("authorization", ["anything", "Bearer e30.e30.", "Basic YWRhOmFkYQ==", "AWS4-HMAC-SHA256 x"])
def test_an_authorization_header_is_no_signature(uploader, stranger, authorization):
    """The emulator passes them on without a principal. API Gateway rejects them."""
    record = uploader.upload("guarded", ADA).json()
    stranger.headers["Authorization"] = authorization
    other = portrait.jpeg("Mallory", (300, 400))
    answers = [
        stranger.upload("guarded", other),
        stranger.record("guarded"),
        stranger.erase("guarded"),
        stranger.get("/users/guarded/photo/history"),
        stranger.post("/users/guarded/photo/uploads"),
        stranger.get("/users/guarded/photo/uploads"),
        stranger.get("/users/guarded/photo/uploads/guarded.jpg"),
        stranger.get("/uploads"),
        stranger.get("/users"),
    ]
    assert [answer.status_code for answer in answers] == [403] * len(answers)
    assert uploader.record("guarded").json() == record
    assert stranger.get(record["url"]).status_code == 200


EVENTS = sorted(path.name for path in (PROJECT / "events").glob("upload-*.json"))


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_without_a_principal_is_rejected(rig, name):
    """For example from a route that lost its authorizer."""
    event = json.loads((PROJECT / "events" / name).read_text())
    del event["requestContext"]["authorizer"]
    found = rig.client("lambda").invoke(FunctionName=rig.physical_id("UploadFunction"), Payload=json.dumps(event))
    answer = json.load(found["Payload"])
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (403, "forbidden")
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    logs = rig.client("logs").filter_log_events(
        logGroupName=rig.physical_id("UploadLogs"), filterPattern='"request without an IAM principal rejected"'
    )
    key = re.escape(event["routeKey"])
    assert any(re.search(key, line["message"]) for line in logs["events"])
