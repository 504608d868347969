"""What Reader does when S3 or the network between fails: one more attempt at once, then an outage."""

import socket
import struct
from contextlib import closing, suppress
from threading import Thread
from typing import Any

import pytest
import urllib3
from botocore.auth import S3SigV4Auth, SigV4Auth

from headshot.problems import StoreUnavailable
from headshot.stores import signed
from headshot.stores.reader import Reader
from headshot.stores.signed import Credentials, Endpoint
from local.emulator import LOOPBACK, REGION
from tests.unit.examples import VERSION
from tests.unit.template import RESOURCES


def response(status, body=b"", *headers):
    head = [f"HTTP/1.1 {status} -", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*head, "", ""]).encode() + body


PHOTO = response(200, b"jpeg", "Last-Modified: Fri, 02 Jan 2026 03:04:05 GMT")
MISSING = response(404, b"<Error><Code>NoSuchKey</Code></Error>")
FAULTS = {
    "reset": None,
    "no answer": b"",
    "internal error": response(500, b"<Error><Code>InternalError</Code></Error>"),
    "throttled": response(503, b"<Error><Code>SlowDown</Code></Error>", "Retry-After: 3600"),
    "took too long": response(400, b"<Error><Code>RequestTimeout</Code></Error>"),
    "photo that breaks off": PHOTO[:-2],
    "status line that breaks off": PHOTO[:8],
}


class Server:
    """Answers each connection with the next of `answers`, None for a reset and b"" for a connection that closes."""

    def __init__(self, *answers: bytes | None) -> None:
        self._listener = socket.create_server((LOOPBACK, 0))
        self.url = f"http://{LOOPBACK}:{self._listener.getsockname()[1]}"
        self.requests = 0
        Thread(target=self._run, args=(answers,), daemon=True).start()

    def _run(self, answers: tuple[bytes | None, ...]) -> None:
        for answer in answers:
            with suppress(OSError):
                connection, _ = self._listener.accept()
                with closing(connection):
                    connection.recv(65536)
                    self.requests += 1
                    if answer is None:
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    else:
                        connection.sendall(answer)
        self._listener.close()

    def reader(self) -> Reader:
        keys: Any = Credentials("-", "-")
        return Reader(
            Endpoint(f"{self.url}/bucket", S3SigV4Auth(keys, "s3", REGION)),
            Endpoint(self.url, SigV4Auth(keys, "dynamodb", REGION)),
            "table",
        )


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_read_is_tried_again_once_and_at_once(fault):
    server = Server(fault, PHOTO)
    photo = server.reader().get("ada", VERSION)
    assert photo
    assert photo.jpeg == b"jpeg"
    assert server.requests == 2


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_second_failure_is_an_outage(fault):
    server = Server(fault, fault, PHOTO)
    with pytest.raises(StoreUnavailable):
        server.reader().get("ada", VERSION)
    assert server.requests == 2


def test_dynamodb_that_throttles_is_asked_again():
    throttled = response(400, b'{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException"}')
    server = Server(throttled, response(200, b"{}"))
    assert server.reader().current("ada") is None
    assert server.requests == 2


def test_a_missing_photo_is_looked_for_once_in_each_place():
    server = Server(MISSING, MISSING)
    assert server.reader().get("ada", VERSION) is None
    assert server.requests == 2


def test_a_service_that_says_nothing_is_an_outage(monkeypatch):
    impatient = urllib3.PoolManager(timeout=0.1, retries=signed.RETRIES)
    monkeypatch.setattr(signed, "_HTTP", impatient)
    with closing(socket.create_server((LOOPBACK, 0))) as silent:
        server = Server()
        server.url = f"http://{LOOPBACK}:{silent.getsockname()[1]}"
        with pytest.raises(StoreUnavailable):
            server.reader().head("ada", VERSION)


def test_serve_answers_before_lambda_and_api_gateway_give_up():
    """A 502 or 504 of theirs has no Retry-After. serve asks for the record, the photo, and the superseded photo."""
    timeout: Any = signed.TIMEOUT
    longest = 3 * 2 * (timeout.connect_timeout + timeout.read_timeout)
    assert signed.RETRIES.total == 1
    assert longest < RESOURCES["ServeFunction"]["Properties"]["Timeout"] < 30
