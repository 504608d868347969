"""What is told of a URL and of the connection to where it leads."""

import re
import socket
from contextlib import ExitStack, closing, suppress

import pytest
import urllib3

from headshot_cli.check import check
from tests.cli.servers import ALL_WELL, SILENT, failures, found, head_of, impatient, of, reply, serve

__all__ = ["impatient", "serve"]


def test_a_good_picture_passes_every_step_and_its_size_is_told(serve):
    steps = of(serve())
    assert found(steps) == ALL_WELL
    assert steps[-1].detail == "It is image/jpeg of 96 × 96 pixels."


def test_head_comes_before_get_and_neither_brings_credentials(serve):
    server = serve()
    of(server)
    assert [(method, target) for method, target, _ in server.requests] == [
        ("HEAD", "/ada@example.com.jpg?v=1"),
        ("GET", "/ada@example.com.jpg?v=1"),
    ]
    for _, _, headers in server.requests:
        assert dict(headers) == {
            "Host": f"127.0.0.1:{server.port}",
            "Accept": "image/*",
            "User-Agent": "Headshot-check",
            "Accept-Encoding": "identity",
        }


def test_a_name_under_localhost_is_this_machine_and_is_what_the_server_hears(serve, monkeypatch):
    resolve = socket.getaddrinfo

    def resolve_like_a_system_without_localhost(host, *rest):
        if host.endswith(".localhost"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(host, *rest)

    monkeypatch.setattr(socket, "getaddrinfo", resolve_like_a_system_without_localhost)
    server = serve()
    assert found(of(server, "5e1f1e00.execute-api.localhost")) == ALL_WELL
    assert {headers["Host"] for _, _, headers in server.requests} == {f"5e1f1e00.execute-api.localhost:{server.port}"}


def test_what_a_server_sends_after_head_does_not_disturb_get(serve):
    assert found(of(serve(head=reply()))) == ALL_WELL


@pytest.mark.parametrize(
    "url",
    [
        "",
        "photos.example.com/ada.jpg",
        "//photos.example.com/ada.jpg",
        "https:///ada.jpg",
        "https://photos.example.com:99999/ada.jpg",
        "https://pho tos.example.com/ada.jpg",
        "https://photos.example.com/ada lovelace.jpg",
        "https://photos.example.com/ada.jpg\n",
        "https://photos.example.com/adä.jpg",
        "https://ada:secret@photos.example.com/ada.jpg",
        "ftp://photos.example.com/ada.jpg",
        "data:image/jpeg;base64,/9j/",
    ],
)
def test_what_is_not_a_public_web_address_is_not_asked_for(url):
    steps = check(url)
    assert found(steps) == [("URL", False)]
    assert "not a whole, public web address" in steps[0].detail
    assert "secret" not in steps[0].detail


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "photos.localhost"])
def test_plain_http_on_this_machine_is_for_trying_only(serve, host):
    first, *_ = of(serve(), host)
    assert first.passed
    assert "http on this machine: fine for trying only" in first.detail


def test_plain_http_elsewhere_fails_and_all_else_is_still_told(serve, monkeypatch):
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *rest: resolve("127.0.0.1", *rest))
    steps = of(serve(), "photos.example.com")
    assert found(steps) == [("URL", False), *ALL_WELL[1:]]
    assert "plain http" in steps[0].detail


def test_a_name_that_does_not_resolve_ends_the_check(monkeypatch):
    def resolve_nothing(*_):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve_nothing)
    steps = check("https://photos.example.com/ada.jpg")
    assert found(steps) == [("URL", True), ("HEAD", False)]
    assert "photos.example.com does not resolve" in steps[1].detail


@pytest.mark.parametrize("host", ["a" * 64 + ".example.com", "photos..example.com"])
def test_a_name_that_no_dns_can_hold_does_not_resolve(host):
    steps = check(f"https://{host}/ada.jpg")
    assert found(steps) == [("URL", True), ("HEAD", False)]
    assert "does not resolve" in steps[1].detail


def test_a_refused_connection_ends_the_check():
    with closing(socket.create_server(("127.0.0.1", 0))) as gone:
        port = gone.getsockname()[1]
    steps = check(f"http://127.0.0.1:{port}/ada.jpg")
    assert found(steps) == [("URL", True), ("HEAD", False)]
    assert re.search(r"127\.0\.0\.1 takes no connection \(.*refused\)", steps[1].detail)


def test_a_connection_that_is_not_taken_in_time_ends_the_check(impatient):
    with ExitStack() as stack:
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        with suppress(TimeoutError):
            while True:
                stack.enter_context(socket.create_connection(full.getsockname(), timeout=0.2))
        steps = check(f"http://127.0.0.1:{full.getsockname()[1]}/ada.jpg", impatient)
    assert found(steps) == [("URL", True), ("HEAD", False)]
    assert "takes no connection in time" in steps[1].detail


def test_a_server_that_is_silent_on_head_is_still_asked_for_the_picture(serve, impatient):
    steps = of(serve(head=SILENT), pool=impatient)
    assert found(steps) == [("URL", True), ("HEAD", False), ("GET", True), ("picture", True)]
    assert "falls silent" in failures(steps)["HEAD"]


def test_a_server_that_is_silent_on_get_is_told_of(serve, impatient):
    steps = of(serve(SILENT, head=head_of(reply())), pool=impatient)
    assert found(steps) == [("URL", True), ("HEAD", True), ("GET", False)]
    assert "falls silent" in failures(steps)["GET"]


@pytest.mark.parametrize(
    "answer", [b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n"]
)
def test_a_server_that_hangs_up_or_speaks_something_else_is_told_of(serve, answer):
    assert "breaks off, or speaks no HTTP" in failures(of(serve(answer, head=answer)))["HEAD"]


def test_whoever_brings_no_pool_waits_three_seconds_for_a_connection_and_ten_for_an_answer(serve, monkeypatch):
    waits = []

    class Timeout(urllib3.Timeout):
        def __init__(self, **options):
            waits.append(options)
            super().__init__(**options)

    monkeypatch.setattr(urllib3, "Timeout", Timeout)
    assert found(of(serve())) == ALL_WELL
    assert waits[0] == {"connect": 3, "read": 10}


def test_a_body_in_chunks_that_breaks_off_is_told_of(serve):
    answer = reply(b"5\r\n\xff\xd8", Content_Length=None, Transfer_Encoding="chunked")
    assert "breaks off" in failures(of(serve(answer)))["GET"]
