"""What is told of a URL, over real connections to servers of every kind."""

import gzip
import http.client
import re
import socket
import socketserver
import ssl
import threading
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
import trustme
import urllib3
from PIL import Image

from admin.check import check
from tests import pictures

JPEG = pictures.plain(size=(96, 96), kind="JPEG")
SILENT = None


def reply(body=JPEG, status="200 OK", **headers):
    """Write an answer; an underscore in a header's name is a hyphen, and None leaves a header out."""
    headers = {"Content_Type": "image/jpeg", "Content_Length": len(body)} | headers
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items() if value is not None]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode() + body


GOOD = reply()


def head_of(answer):
    """Cut off an answer's body, as a good server does for HEAD."""
    return answer[: answer.index(b"\r\n\r\n") + 4]


class Server(socketserver.ThreadingTCPServer):
    """Sends the bytes that it is told to for a method, or nothing where there are none, and hangs up."""

    allow_reuse_address = True

    def __init__(self, answers, context=None):
        super().__init__(("127.0.0.1", 0), Connection)
        self.answers, self.requests, self.done = answers, [], threading.Event()
        self.port = self.server_address[1]
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, *_):
        raise AssertionError("the stand-in failed")


class Connection(socketserver.StreamRequestHandler):
    """One request and its answer."""

    server: Server

    def handle(self):
        with suppress(ConnectionError):  # who has read enough hangs up
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


# The way of the requests


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


# The URL


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


# The connection


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


# TLS


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def trusting(authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    with urllib3.PoolManager(ssl_context=context) as pool:
        yield pool


def presenting(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def secure(server, pool=None, host="localhost"):
    return check(f"https://{host}:{server.port}/ada.jpg", pool)


def test_a_picture_over_https_passes(serve, authority, trusting):
    assert found(secure(serve(context=presenting(authority.issue_cert("localhost"))), trusting)) == ALL_WELL


def test_an_authority_that_is_not_trusted_ends_the_check(serve, authority):
    steps = secure(serve(context=presenting(authority.issue_cert("localhost"))))
    assert found(steps) == [("URL", True), ("HEAD", False)]
    assert "unable to get local issuer certificate" in steps[1].detail
    assert "whole chain" in steps[1].detail


def test_a_self_signed_certificate_ends_the_check(serve, authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with authority.cert_pem.tempfile() as certificate, authority.private_key_pem.tempfile() as key:
        context.load_cert_chain(certificate, key)
    steps = secure(serve(context=context))
    assert found(steps) == [("URL", True), ("HEAD", False)]
    assert re.search("self.signed certificate", steps[1].detail)


def test_an_expired_certificate_ends_the_check(serve, authority, trusting):
    yesterday = datetime.now(UTC) - timedelta(days=1)
    steps = secure(serve(context=presenting(authority.issue_cert("localhost", not_after=yesterday))), trusting)
    assert found(steps) == [("URL", True), ("HEAD", False)]
    assert "certificate has expired" in steps[1].detail
    assert "renew it" in steps[1].detail


@pytest.mark.parametrize(
    ("host", "mend"),
    [("localhost", "use one for the name in the URL"), ("127.0.0.1", "use one for the address in the URL")],
)
def test_a_certificate_for_another_host_ends_the_check(serve, authority, trusting, host, mend):
    steps = secure(serve(context=presenting(authority.issue_cert("photos.example.com"))), trusting, host)
    assert found(steps) == [("URL", True), ("HEAD", False)]
    assert f"not valid for '{host}'" in steps[1].detail
    assert mend in steps[1].detail


def test_https_to_a_port_of_plain_http_ends_the_check():
    with socket.create_server(("127.0.0.1", 0)) as plain:

        def answer():
            connection, _ = plain.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(reply(b"", "400 Bad Request"))

        thread = threading.Thread(target=answer)
        thread.start()
        steps = check(f"https://localhost:{plain.getsockname()[1]}/ada.jpg")
        thread.join()
    assert found(steps) == [("URL", True), ("HEAD", False)]
    assert "TLS fails" in steps[1].detail


# Status


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"])
def test_a_redirect_is_not_followed_and_its_goal_is_told(serve, status):
    elsewhere = serve()
    server = serve(reply(b"", status, Location=f"http://127.0.0.1:{elsewhere.port}/final.jpg"))
    steps = of(server)
    assert found(steps) == [("URL", True), ("HEAD", False), ("GET", False)]
    assert elsewhere.requests == []
    for detail in failures(steps).values():
        assert f"'http://127.0.0.1:{elsewhere.port}/final.jpg': hand on the final URL instead" in detail


def test_what_a_redirect_names_cannot_play_with_the_terminal(serve):
    answer = reply(b"", "302 Found", Location="http://example.com/\x1b[2J")
    assert "'http://example.com/\\x1b[2J'" in failures(of(serve(answer)))["GET"]


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("401 Unauthorized", "asks for authentication"),
        ("403 Forbidden", "asks for authentication"),
        ("407 Proxy Authentication Required", "asks for authentication"),
        ("404 Not Found", "nothing at this address"),
        ("405 Method Not Allowed", "answer both HEAD and GET"),
        ("500 Internal Server Error", "look into the server's logs"),
        ("503 Service Unavailable", "look into the server's logs"),
        ("204 No Content", "only 200 will do"),
        ("300 Multiple Choices", "only 200 will do"),
    ],
)
def test_a_status_other_than_200_fails_whatever_comes_with_it(serve, status, told):
    steps = of(serve(reply(status=status)))
    assert found(steps) == [("URL", True), ("HEAD", False), ("GET", False)]
    for detail in failures(steps).values():
        assert f"answers {status[:3]}, " in detail
        assert told in detail


def test_head_refused_where_get_is_answered_is_explained_by_presigned_urls(serve):
    steps = of(serve(head=head_of(reply(b"", "403 Forbidden", Content_Type="application/xml"))))
    assert list(failures(steps)) == ["HEAD", "HEAD and GET"]
    assert "presigned for GET" in failures(steps)["HEAD"]
    assert "status ('403', '200')" in failures(steps)["HEAD and GET"]


# Headers


@pytest.mark.parametrize(
    ("kind", "announced"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("GIF", "image/gif"),
        ("JPEG", "IMAGE/JPEG"),
        ("JPEG", "image/jpeg; charset=binary"),
    ],
)
def test_the_types_of_pictures_pass_in_every_spelling(serve, kind, announced):
    assert found(of(serve(reply(pictures.plain(kind=kind), Content_Type=announced)))) == ALL_WELL


@pytest.mark.parametrize("announced", ["text/html", "binary/octet-stream", "image/jpg", "image/svg+xml", "", None])
def test_any_other_type_or_none_fails(serve, announced):
    steps = of(serve(reply(Content_Type=announced)))
    assert found(steps) == [("URL", True), ("HEAD", False), ("GET", False), ("HEAD and GET", True)]
    assert f"Content-Type is {announced or ''!r}" in failures(steps)["GET"]


@pytest.mark.parametrize(
    ("header", "value"),
    [("Content_Type", "image/png"), ("ETag", '"other"'), ("Content_Length", 0)],
)
def test_head_that_tells_something_else_than_get_fails(serve, header, value):
    steps = of(serve(reply(ETag='"this"'), head=head_of(reply(**{"ETag": '"this"', header: value}))))
    assert list(failures(steps)) == ["HEAD and GET"]
    assert header.replace("_", "-") in failures(steps)["HEAD and GET"]
    assert str(value) in failures(steps)["HEAD and GET"]


def test_head_need_not_tell_all_that_get_tells(serve):
    steps = of(serve(reply(ETag='"this"'), head=head_of(reply(Content_Length=None))))
    assert found(steps) == ALL_WELL


# The body


@pytest.mark.parametrize("length", [len(JPEG) + 1, "many"])
def test_a_body_that_is_not_as_long_as_announced_fails(serve, length):
    steps = of(serve(reply(Content_Length=length)))
    assert list(failures(steps)) == ["GET"]
    assert f"has {len(JPEG)} bytes and Content-Length is '{length}'" in failures(steps)["GET"]


def test_a_body_that_is_announced_and_does_not_come_fails(serve):
    assert "has 0 bytes and Content-Length is '5'" in failures(of(serve(reply(b"", Content_Length=5))))["GET"]


def test_a_body_that_is_compressed_unasked_fails(serve):
    steps = of(serve(reply(gzip.compress(JPEG), Content_Encoding="gzip")))
    assert list(failures(steps)) == ["picture"]


def test_a_body_of_ten_megabytes_passes(serve):
    assert found(of(serve(reply(JPEG + bytes(10_000_000 - len(JPEG)))))) == ALL_WELL


@pytest.mark.parametrize("length", [20_000_000, None])
def test_a_body_of_more_than_ten_megabytes_is_not_read_on(serve, length):
    server = serve(reply(JPEG + bytes(20_000_000 - len(JPEG)), Content_Length=length))
    server.answers["GET"] += b"" if length else bytes(50_000_000)
    steps = of(server)
    assert list(failures(steps)) == ["GET"]
    assert "more than 10 MB, Headshot's own limit" in failures(steps)["GET"]


@pytest.mark.parametrize(
    "body", [b"", b"<html>", JPEG[:-100], pictures.plain(kind="WEBP")], ids=["empty", "HTML", "cut off", "WebP"]
)
def test_a_body_that_is_no_whole_picture_fails(serve, body):
    steps = of(serve(reply(body)))
    assert list(failures(steps)) == ["picture"]
    assert "cannot be read" in failures(steps)["picture"]


def test_a_picture_of_another_type_than_announced_fails(serve):
    steps = of(serve(reply(pictures.plain(kind="PNG"))))
    assert list(failures(steps)) == ["picture"]
    assert "It is image/png and announced as image/jpeg" in failures(steps)["picture"]


@pytest.mark.parametrize("size", [(7072, 7072), (9500, 9500), (20_000, 20_000)])
def test_a_picture_of_more_than_fifty_megapixels_is_not_decoded(serve, size, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 89_478_485)  # Pillow's own, which other modules change
    steps = of(serve(reply(pictures.png_header(*size), Content_Type="image/png")))
    assert list(failures(steps)) == ["picture"]
    assert "more than 50 megapixels" in failures(steps)["picture"]


def test_a_picture_that_is_not_square_passes_with_a_warning(serve):
    steps = of(serve(reply(pictures.plain(size=(96, 64), kind="JPEG"))))
    assert found(steps) == ALL_WELL
    assert "96 × 64 pixels, not square" in steps[-1].detail


def test_a_jpeg_with_further_pictures_behind_it_is_a_jpeg(serve):
    further = Image.new("RGB", (96, 96))
    several = pictures.encode(further, "MPO", save_all=True, append_images=[further])
    assert found(of(serve(reply(several)))) == ALL_WELL
