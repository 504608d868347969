"""The local stack is as strict about signatures and paths as API Gateway: what works here works there."""

import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from botocore.auth import SIGV4_TIMESTAMP, SigV4Auth
from botocore.credentials import Credentials

from local import portrait
from local.emulator import ACCESS_KEY, REGION, SECRET_KEY
from tests.stack.conftest import Caller, Signature

ADA = portrait.jpeg("Ada Lovelace", (300, 400))
ROOT = Credentials(ACCESS_KEY, SECRET_KEY)


class Signer(SigV4Auth):
    """Signs with a clock that may be wrong."""

    def __init__(self, credentials=ROOT, service="execute-api", region=REGION, late=timedelta()):
        super().__init__(credentials, service, region)
        self._late = late

    def add_auth(self, request):
        request.context["timestamp"] = (datetime.now(UTC) + self._late).strftime(SIGV4_TIMESTAMP)
        request.headers["X-Amz-Date"] = request.context["timestamp"]
        if self.credentials.token:
            request.headers["X-Amz-Security-Token"] = self.credentials.token
        signature = self.signature(self.string_to_sign(request, self.canonical_request(request)), request)
        names = self.signed_headers(self.headers_to_sign(request))
        credential = f"Credential={self.scope(request)}"
        request.headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={names}, Signature={signature}"
        )


class Altered(Signature):
    """A signature by `signer` on a request that is altered afterwards."""

    def __init__(self, signer, alter):
        super().__init__(ROOT)
        self._signer, self._alter = signer, alter

    def __call__(self, request):
        request = super().__call__(request)
        self._alter(request)
        return request


def header(name, change):
    def alter(request):
        request.headers[name] = change(request.headers.get(name, ""))

    return alter


def body(request):
    request.body = ADA + b"\0"
    request.headers["Content-Length"] = str(len(request.body))


def untouched(_request):
    pass


FAULTS = {
    "another secret": (Signer(Credentials(ACCESS_KEY, "guessed")), untouched),
    "an unknown key": (Signer(Credentials("AKIAUNKNOWN", SECRET_KEY)), untouched),
    "a token that no session has": (Signer(Credentials(ACCESS_KEY, SECRET_KEY, "token")), untouched),
    "another service": (Signer(service="s3"), untouched),
    "another region": (Signer(region="eu-west-1"), untouched),
    "signed six minutes ago": (Signer(late=timedelta(minutes=-6)), untouched),
    "signed in six minutes": (Signer(late=timedelta(minutes=6)), untouched),
    "another body": (Signer(), body),
    "the digest of another body": (Signer(), header("X-Amz-Content-SHA256", lambda _: "0" * 64)),
    "another date": (Signer(), header("X-Amz-Date", lambda date: f"{date[:-3]}61Z")),
    "no date": (Signer(), lambda request: request.headers.pop("X-Amz-Date")),
    "the host left out": (Signer(), header("Authorization", lambda value: value.replace(";host", ""))),
    "a signature cut short": (Signer(), header("Authorization", lambda value: value[:-1])),
    "another scheme": (Signer(), header("Authorization", lambda _: "Bearer token")),
    "no signature": (Signer(), lambda request: request.headers.pop("Authorization")),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_request_that_aws_would_reject_is_rejected(rig, uploader, fault):
    with Caller(rig.url, Altered(*FAULTS[fault])) as caller:
        answer = caller.upload("strict", ADA)
    assert (answer.status_code, answer.json()) == (403, {"message": "Forbidden"})
    assert uploader.record("strict").status_code == 404


def test_the_same_request_without_a_fault_is_accepted(rig, uploader):
    with Caller(rig.url, Altered(Signer(late=timedelta(minutes=-4)), untouched)) as caller:
        assert caller.upload("exact", ADA).status_code == 201
    assert uploader.erase("exact").ok


def test_the_emulator_has_no_address_that_bypasses_the_signature(rig):
    api_id = rig.url.removeprefix("http://").partition(".")[0]
    paths = (f"/_aws/execute-api/{api_id}/users/ada/photo", f"/restapis/{api_id}/$default/_user_request_/uploads")
    with Caller(rig.emulator.url) as stranger:
        assert [stranger.get(path).status_code for path in paths] == [404, 404]


@pytest.mark.parametrize(
    "user_id", ["00u1example", "ada@example.com", "o'brien@example.com", "a+b@example.com", "~tilde", "a=b"]
)
@pytest.mark.parametrize("query", ["", "?gravity=top", "?crop=0-0-200&gravity=top", "?b=%2F%20&a=1&a=0"])
def test_botocore_signs_every_user_id_and_query_correctly(uploader, user_id, query):
    user_id = user_id.replace("~", "x~")
    answer = uploader.get(f"/users/{user_id.replace('+', '%252B')}/photo{query}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize("user_id", ["00u1example", "ada.lovelace", "a_b-c"])
def test_curl_signs_plain_user_ids_correctly(rig, user_id):
    sign = ["--user", f"{ACCESS_KEY}:{SECRET_KEY}", "--aws-sigv4", f"aws:amz:{REGION}:execute-api"]
    command = ["curl", "--silent", *sign, f"{rig.url}/users/{user_id}/photo"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert '"code": "not-found"' in done.stdout


@pytest.mark.parametrize(
    ("segment", "user_id"),
    [
        ("path%2540example.com", "path@example.com"),
        ("path+plus", "path+plus"),
        ("path%2Bplus", "path+plus"),
        ("path%252Bplus", "path+plus"),
        ("path%3Fcut", "path"),
    ],
)
def test_a_path_is_decoded_as_on_aws(uploader, stranger, segment, user_id):
    uploader.erase(user_id)
    created = uploader.upload(user_id.replace("+", "%252B"), ADA).json()
    if "%3F" not in segment:
        assert uploader.record(segment).json() == created
    assert stranger.head(f"/photos/{segment}.jpg").status_code == (404 if "%3F" in segment else 200)


@pytest.mark.parametrize("path", ["/photos/percent%25done.jpg", "/photos/%.jpg"])
def test_a_path_that_cannot_be_decoded_twice_is_answered_400(raw, path):
    assert raw("GET", path).status == 400
