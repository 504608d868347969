"""What can go wrong between here and a vendor, put in front of a fake: each fault meets one request."""

import socket
from collections import deque
from typing import Any


class Faulty:
    """A WSGI application that meets requests with what is in `faults`, one each, and passes the rest on."""

    def __init__(self, app, path="/"):
        self.faults: deque[Any] = deque()
        self.seen: list[str] = []
        self._app, self._path = app, path

    def __call__(self, environ, start_response):
        address = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        self.seen.append(address)
        if self.faults and environ["PATH_INFO"].startswith(self._path):
            return self.faults.popleft()(environ, start_response)
        return self._app(environ, start_response)


def answer(status, headers=None, body=b"{}"):
    """Answer with a status and headers, whatever was asked."""

    def fault(environ, start_response):
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response(f"{status} Fault", [("Content-Type", "application/json"), *(headers or {}).items()])
        return [body]

    return fault


def silence(environ, _start_response):
    """Take the request and say nothing until the other side gives up, as a half-open connection does."""
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["werkzeug.socket"].recv(1)
    return []


def cut_off(_environ, start_response):
    """Announce more than is sent."""
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", "1000")])
    return [b'{"id": ']


def hang_up(environ, _start_response):
    """Close the connection without a word."""
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return []


def done_then_lost(app):
    """Do what is asked, and lose the answer."""

    def fault(environ, start_response):
        list(app(environ, lambda *_: None))
        start_response("504 Gateway Timeout", [])
        return []

    return fault
