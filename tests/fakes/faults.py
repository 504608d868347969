"""Network and server faults in front of a fake. Each fault affects one request."""

import socket
import time
from collections import deque
from contextlib import suppress
from typing import Any


class Faulty:
    """A WSGI application that answers one request with each of `faults`, and passes the others on to `app`.

    `seen` lists the requests. Only paths that start with `path` are affected.
    """

    def __init__(self, app, path="/"):
        self.faults: deque[Any] = deque()
        self.seen: list[str] = []
        self._app, self._path = app, path

    def __call__(self, environ, start_response):
        address = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        self.seen.append(address)
        fault = None
        if environ["PATH_INFO"].startswith(self._path):
            with suppress(IndexError):  # none is left: several threads take them
                fault = self.faults.popleft()
        return (fault or self._app)(environ, start_response)


def answer(status, headers=None, body=b"{}"):
    """Return a fault that answers with this response, whatever the request."""

    def fault(environ, start_response):
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response(f"{status} Fault", [("Content-Type", "application/json"), *(headers or {}).items()])
        return [body]

    return fault


def no_response(environ, _start_response):
    """Read the request and send nothing until the client disconnects, as on a half-open connection."""
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["werkzeug.socket"].recv(1)
    return []


def truncate(_environ, start_response):
    """Announce a longer body than is sent."""
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", "1000")])
    return [b'{"id": ']


def disconnect(environ, _start_response):
    """Close the connection without a response."""
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return []


def lose_response(app):
    """Return a fault that lets `app` handle the request, but loses its response."""

    def fault(environ, start_response):
        list(app(environ, lambda *_: None))
        start_response("504 Gateway Timeout", [])
        return []

    return fault


def slow(app, seconds):
    """Return a fault that lets `app` handle the request after some seconds."""

    def fault(environ, start_response):
        time.sleep(seconds)  # the fault itself
        return app(environ, start_response)

    return fault


def handle_and_disconnect(app):
    """Return a fault that lets `app` handle the request, and closes the connection without a response."""

    def fault(environ, start_response):
        list(app(environ, lambda *_: None))
        return disconnect(environ, start_response)

    return fault
