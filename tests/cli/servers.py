"""Web servers that send the bytes that a test tells them to."""

import http.client
import socketserver
import threading
from contextlib import ExitStack, contextmanager, suppress

import pytest
import urllib3

from headshot_cli.check import check
from tests import pictures

JPEG = pictures.plain(size=(96, 96), kind="JPEG")
SILENT = None


def reply(body=JPEG, status="200 OK", **headers):
    """Return a response; an underscore in a header's name becomes a hyphen, and None leaves a header out."""
    headers = {"Content_Type": "image/jpeg", "Content_Length": len(body)} | headers
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items() if value is not None]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode() + body


GOOD = reply()


def head_of(answer):
    """Return a response without its body, as a correct server sends it for HEAD."""
    return answer[: answer.index(b"\r\n\r\n") + 4]


class Server(socketserver.ThreadingTCPServer):
    """Sends the bytes set for a method, then closes the connection. For None it sends nothing and waits."""

    allow_reuse_address = True

    def __init__(self, answers, context=None):
        super().__init__(("127.0.0.1", 0), Connection)
        self.answers, self.requests, self.done = answers, [], threading.Event()
        self.port = self.server_address[1]
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, *_):
        raise AssertionError("the server failed")


class Connection(socketserver.StreamRequestHandler):
    """One request and its response."""

    server: Server

    def handle(self):
        with suppress(ConnectionError):  # the client closes the connection when it has read enough
            method, target, _ = self.rfile.readline().decode().split()
            self.server.requests.append((method, target, http.client.parse_headers(self.rfile)))
            answer = self.server.answers[method]
            if answer is SILENT:
                self.server.done.wait()
            else:
                self.wfile.write(answer)


@contextmanager
def _serving(answers, context):
    with Server(answers, context) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield server
        finally:
            server.done.set()
            server.shutdown()
            thread.join()


@pytest.fixture
def serve():
    with ExitStack() as stack:

        def start(get=GOOD, head=..., context=None):
            answers = {"GET": get, "HEAD": head_of(get) if head is ... else head}
            return stack.enter_context(_serving(answers, context))

        yield start


@pytest.fixture
def impatient():
    with urllib3.PoolManager(timeout=urllib3.Timeout(connect=0.2, read=0.2)) as pool:
        yield pool


def found(steps):
    return [(step.name, step.passed) for step in steps]


def failures(steps):
    return {step.name: step.detail for step in steps if not step.passed}


def of(server, host="127.0.0.1", **options):
    return check(f"http://{host}:{server.port}/ada@example.com.jpg?v=1", **options)


ALL_WELL = [("URL", True), ("HEAD", True), ("GET", True), ("HEAD and GET", True), ("picture", True)]
