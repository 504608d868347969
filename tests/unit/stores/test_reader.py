"""Reader: what is missing, what is an outage, and where it asks."""

import io
import json
from datetime import UTC, datetime

import pytest
import urllib3

from headshot.problems import StoreMissing, StoreUnavailable
from headshot.stores import signed
from headshot.stores.reader import Reader
from headshot.stores.stored import StoredPhoto
from tests.unit.examples import VERSION

STORED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HEADERS = {"Last-Modified": "Fri, 02 Jan 2026 03:04:05 GMT", "Content-Length": "4"}
PATHS = [f"/bucket/{prefix}/ada/{VERSION}.jpg" for prefix in ("photos", "superseded")]


def answer(status, body=b"", headers=None):
    return urllib3.HTTPResponse(io.BytesIO(body), headers or {}, status, enforce_content_length=False)


def xml(code):
    return f'<?xml version="1.0"?>\n<Error><Code>{code}</Code><Message>-</Message></Error>'.encode()


class Aws:
    """Answers in turn, and keeps the requests."""

    def __init__(self):
        self.answers = []
        self.requests = []

    def request(self, method, url, *, body, headers, redirect):
        assert redirect is False
        self.requests.append((method, url, headers, body))
        found = self.answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


@pytest.fixture
def service(monkeypatch):
    found = Aws()
    monkeypatch.setattr(signed, "_HTTP", found)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://aws.example.com/")
    return found


@pytest.fixture
def reader(monkeypatch):
    monkeypatch.setenv("PHOTOS_BUCKET", "bucket")
    monkeypatch.setenv("RECORDS_TABLE", "table")
    return Reader.from_environment()


@pytest.mark.parametrize(("method", "body"), [("head", b""), ("get", xml("NoSuchKey"))])
def test_a_missing_photo_is_looked_for_in_both_places(service, reader, method, body):
    service.answers = [answer(404, body), answer(404, body), answer(200)]
    assert getattr(reader, method)("ada", VERSION) is None
    assert [(request[0], request[1]) for request in service.requests[:2]] == [
        (method.upper(), f"https://aws.example.com{path}") for path in PATHS
    ]


def test_for_head_the_bucket_is_asked_whether_it_exists_and_for_get_the_error_says_so(service, reader):
    service.answers = [answer(404), answer(404), answer(404, xml("NoSuchBucket"))]
    with pytest.raises(StoreMissing):
        reader.head("ada", VERSION)
    assert service.requests[2][:2] == ("GET", "https://aws.example.com/bucket/?max-keys=0")
    service.answers = [answer(404, xml("NoSuchBucket"))]
    with pytest.raises(StoreMissing):
        reader.get("ada", VERSION)


def test_a_superseded_photo_is_found(service, reader):
    service.answers = [answer(404), answer(200, b"", HEADERS)]
    assert reader.head("ada", VERSION) == StoredPhoto(4, STORED)
    service.answers = [answer(404, xml("NoSuchKey")), answer(200, b"jpeg", HEADERS)]
    assert reader.get("ada", VERSION) == StoredPhoto(4, STORED, b"jpeg")


OUTAGES = [
    ("head", answer(403)),
    ("head", answer(301)),
    ("head", answer(503)),
    ("get", answer(403, xml("AccessDenied"))),
    ("get", answer(403, xml("KMS.DisabledException"))),
    ("get", answer(404, xml("NoSuchBucket"))),
    ("get", answer(404, b"<html>a page of a proxy")),
    ("get", answer(503, xml("SlowDown"))),
    ("get", answer(500)),
    ("get", answer(400, xml("ExpiredToken"))),
    ("get", answer(200, b"<html>a page of a proxy")),
    ("get", answer(200, b"jpeg", HEADERS | {"Last-Modified": "yesterday"})),
    ("get", urllib3.exceptions.ProtocolError("Connection broken")),
    ("get", urllib3.exceptions.MaxRetryError(urllib3.HTTPConnectionPool("-"), "/")),
    ("get", urllib3.exceptions.SSLError("EOF")),
]


@pytest.mark.parametrize(("method", "failure"), OUTAGES)
def test_anything_else_is_an_outage_not_a_missing_photo(service, reader, method, failure):
    service.answers = [failure]
    with pytest.raises(StoreUnavailable):
        getattr(reader, method)("ada", VERSION)
    service.answers = [answer(404, xml("NoSuchKey") if method == "get" else b""), failure]
    with pytest.raises(StoreUnavailable):
        getattr(reader, method)("ada", VERSION)


def test_the_current_version_is_that_of_the_record(service, reader):
    item = {"user_id": {"S": "ada"}, "version": {"S": VERSION}, "bytes": {"N": "4"}}
    service.answers = [answer(200, json.dumps({"Item": item}).encode())]
    assert reader.current("ada") == VERSION
    [(method, url, headers, body)] = service.requests
    assert (method, url) == ("POST", "https://aws.example.com/")
    assert headers["X-Amz-Target"] == "DynamoDB_20120810.GetItem"
    assert json.loads(body) == {"TableName": "table", "Key": {"user_id": {"S": "ada"}}, "ConsistentRead": True}


@pytest.mark.parametrize("found", [{}, {"Item": {"user_id": {"S": "ada"}, "erased": {"S": "-"}}}])
def test_neither_nobody_nor_a_tombstone_has_a_current_version(service, reader, found):
    service.answers = [answer(200, json.dumps(found).encode())]
    assert reader.current("ada") is None


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (
            answer(400, b'{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}'),
            "ProvisionedThroughputExceededException",
        ),
        (answer(400, b'{"__type": "AccessDeniedException", "message": "-"}'), "AccessDeniedException"),
        (answer(404, xml("NoSuchKey")), "NoSuchKey"),
        (answer(500), "500"),
    ],
)
def test_an_error_of_dynamodb_is_an_outage_whose_code_is_logged(service, reader, failure, code):
    service.answers = [failure]
    with pytest.raises(StoreUnavailable) as caught:
        reader.current("ada")
    assert str(caught.value.__cause__) == code


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'"x"', b'{"Item": {"version": null}}', b'{"Item": {"x": {}}}'])
def test_an_answer_that_is_not_of_dynamodb_is_an_outage(service, reader, body):
    service.answers = [answer(200, body)]
    with pytest.raises(StoreUnavailable):
        reader.current("ada")


def test_every_request_is_signed_and_carries_the_token_of_the_role(service, monkeypatch):
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of the role")
    service.answers = [answer(200), answer(200)]
    signed.Endpoint.of_bucket("bucket").send("HEAD", "/key")
    signed.Endpoint.of_dynamodb().send("POST", body=b"{}")
    for (_, _, headers, _), name in zip(service.requests, ("s3", "dynamodb"), strict=True):
        assert f"/us-east-1/{name}/aws4_request" in headers["Authorization"]
        assert "x-amz-security-token" in headers["Authorization"]
        assert headers["X-Amz-Security-Token"] == "of the role"


@pytest.mark.parametrize(("region", "suffix"), [("eu-central-1", "amazonaws.com"), ("cn-north-1", "amazonaws.com.cn")])
def test_the_endpoints_are_those_of_the_region(monkeypatch, region, suffix):
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    assert signed.Endpoint.of_bucket("bucket").url == f"https://bucket.s3.{region}.{suffix}"
    assert signed.Endpoint.of_dynamodb().url == f"https://dynamodb.{region}.{suffix}"


def test_an_endpoint_of_one_service_comes_before_that_of_all(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9000/")
    assert signed.Endpoint.of_bucket("bucket").url == "http://127.0.0.1:9000/bucket"
    assert signed.Endpoint.of_dynamodb().url == "http://127.0.0.1:4566"
