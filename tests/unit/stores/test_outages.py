"""Every failure of boto3, wherever it happens, means that the store is unavailable."""

import io
from datetime import UTC, datetime

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import EndpointConnectionError
from botocore.response import StreamingBody
from urllib3 import HTTPConnectionPool
from urllib3.exceptions import ProtocolError, ReadTimeoutError, SSLError

from headshot.problems import StoreUnavailable
from headshot.stores.photos import PhotoStore
from tests.unit.examples import VERSION
from tests.unit.stores.stubs import client, stubbed

STORED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def s3():
    with stubbed("s3", lambda client: PhotoStore("bucket", client)) as made:
        yield made


@pytest.mark.parametrize("code", ["InternalError", "SlowDown", "ServiceUnavailable", "NoSuchBucket", "ExpiredToken"])
def test_an_unexpected_error_of_s3(s3, code):
    stub, photos = s3
    stub.add_client_error("get_object", code, http_status_code=503)
    with pytest.raises(StoreUnavailable):
        photos.get("ada", VERSION)


def test_a_body_that_breaks_off(s3):
    stub, photos = s3
    truncated = StreamingBody(io.BytesIO(b"jp"), 4)
    stub.add_response("get_object", {"ContentLength": 4, "LastModified": STORED, "Body": truncated})
    with pytest.raises(StoreUnavailable):
        photos.get("ada", VERSION)


class Raising:
    """The body of a response that cannot be read to its end."""

    def __init__(self, error):
        self._error = error

    def stream(self, **_options):
        yield b"<Error><Code>Internal"
        raise self._error


@pytest.mark.parametrize(
    "error",
    [ProtocolError("Connection broken"), ReadTimeoutError(HTTPConnectionPool("-"), "/", "timed out"), SSLError("EOF")],
)
def test_the_body_of_an_error_that_breaks_off(error):
    made = client("s3")
    response = AWSResponse("https://s3.example.com", 500, HTTPHeaders(), Raising(error))
    made.meta.events.register("before-send.s3.GetObject", lambda **_request: response)
    with pytest.raises(StoreUnavailable):
        PhotoStore("bucket", made).get("ada", VERSION)


def test_no_connection(monkeypatch):
    made = client("s3")

    def disconnected(**_parameters):
        raise EndpointConnectionError(endpoint_url="https://s3.example.com")

    monkeypatch.setattr(made, "get_object", disconnected)
    with pytest.raises(StoreUnavailable):
        PhotoStore("bucket", made).get("ada", VERSION)
