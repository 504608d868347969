"""`headshot check` judges a URL and the connection to its server."""

import re
import socket
from contextlib import ExitStack, closing, suppress

import pytest
import urllib3

from headshot_cli.check import check
from tests.cli.servers import ALL_WELL, SILENT, failures, found, head_of, impatient, of, reply, serve

__all__ = ["impatient", "serve"]


def test_a_good_picture_passes_every_step(serve):
    steps = of(serve())
    assert found(steps) == ALL_WELL
    assert steps[-1].detail == "It is image/jpeg, 96 × 96 pixels."


def test_head_comes_before_get_and_neither_sends_credentials(serve):
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


def test_a_name_under_localhost_is_this_machine_and_stays_the_host_header(serve, monkeypatch):
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
def test_anything_but_a_public_web_address_is_not_requested(url):
    steps = check(url)
    assert found(steps) == [("URL", False)]
    assert "not a full web address" in steps[0].detail
    assert "secret" not in steps[0].detail


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "photos.localhost"])
def test_plain_http_on_this_machine_is_for_a_trial_only(serve, host):
    first, *_ = of(serve(), host)
    assert first.passed
    assert "http on this machine: fine for a trial" in first.detail


def test_plain_http_elsewhere_fails_and_the_other_steps_still_run(serve, monkeypatch):
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *rest: resolve("127.0.0.1", *rest))
    steps = of(serve(), "photos.example.com")
    assert found(steps) == [("URL", False), *ALL_WELL[1:]]
    assert "plain HTTP" in steps[0].detail


def test_a_name_that_does_not_resolve_ends_the_check(monkeypatch):
    def resolve_nothing(*_):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", resolve_nothing)
    steps = check("https://photos.example.com/ada.jpg")
    assert found(steps) == [("URL", True), ("HEAD", False)]
    assert "photos.example.com does not resolve" in steps[1].detail


@pytest.mark.parametrize("host", ["a" * 64 + ".example.com", "photos..example.com"])
def test_a_name_that_dns_cannot_hold_does_not_resolve(host):
    steps = check(f"https://{host}/ada.jpg")
    assert found(steps) == [("URL", True), ("HEAD", False)]
    assert "does not resolve" in steps[1].detail


def test_a_refused_connection_ends_the_check():
    with closing(socket.create_server(("127.0.0.1", 0))) as gone:
        port = gone.getsockname()[1]
    steps = check(f"http://127.0.0.1:{port}/ada.jpg")
    assert found(steps) == [("URL", True), ("HEAD", False)]
    assert re.search(r"Cannot connect to 127\.0\.0\.1: .*refused\.", steps[1].detail)


def test_a_connection_that_times_out_ends_the_check(impatient):
    with ExitStack() as stack:
        full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        with suppress(TimeoutError):
            while True:
                stack.enter_context(socket.create_connection(full.getsockname(), timeout=0.2))
        steps = check(f"http://127.0.0.1:{full.getsockname()[1]}/ada.jpg", impatient)
    assert found(steps) == [("URL", True), ("HEAD", False)]
    assert "timed out" in steps[1].detail


def test_after_a_timeout_of_head_the_picture_is_still_requested(serve, impatient):
    steps = of(serve(head=SILENT), pool=impatient)
    assert found(steps) == [("URL", True), ("HEAD", False), ("GET", True), ("picture", True)]
    assert "stopped sending" in failures(steps)["HEAD"]


def test_a_timeout_of_get_is_reported(serve, impatient):
    steps = of(serve(SILENT, head=head_of(reply())), pool=impatient)
    assert found(steps) == [("URL", True), ("HEAD", True), ("GET", False)]
    assert "stopped sending" in failures(steps)["GET"]


@pytest.mark.parametrize(
    "answer", [b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n"]
)
def test_a_server_that_hangs_up_or_speaks_another_protocol_is_reported(serve, answer):
    assert "closed the connection or does not speak HTTP" in failures(of(serve(answer, head=answer)))["HEAD"]


def test_by_default_connecting_may_take_three_seconds_and_a_response_ten(serve, monkeypatch):
    waits = []

    class Timeout(urllib3.Timeout):
        def __init__(self, **options):
            waits.append(options)
            super().__init__(**options)

    monkeypatch.setattr(urllib3, "Timeout", Timeout)
    assert found(of(serve())) == ALL_WELL
    assert waits[0] == {"connect": 3, "read": 10}


def test_a_chunked_body_that_breaks_off_is_reported(serve):
    answer = reply(b"5\r\n\xff\xd8", Content_Length=None, Transfer_Encoding="chunked")
    assert "closed the connection" in failures(of(serve(answer)))["GET"]
