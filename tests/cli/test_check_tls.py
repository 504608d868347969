"""`headshot check` judges a server's certificate."""

import re
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta

import pytest
import trustme
import urllib3

from headshot_cli.check import check
from tests.cli.servers import ALL_WELL, found, impatient, reply, serve

__all__ = ["impatient", "serve"]


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
    assert "Renew it." in steps[1].detail


@pytest.mark.parametrize(
    ("host", "fix"),
    [("localhost", "Use one for the name in the URL"), ("127.0.0.1", "Use one for the address in the URL")],
)
def test_a_certificate_for_another_host_ends_the_check(serve, authority, trusting, host, fix):
    steps = secure(serve(context=presenting(authority.issue_cert("photos.example.com"))), trusting, host)
    assert found(steps) == [("URL", True), ("HEAD", False)]
    assert f"not valid for '{host}'" in steps[1].detail
    assert fix in steps[1].detail


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
