"""Faults between a reader and the photo."""

import socket
import ssl

import trustme

from tests.cli.servers import JPEG, _serving, head_of, reply
from tests.doctor.faults.registry import fault


@fault("DNS and TLS", "nowhere.example.com does not resolve", "DNS record")
def unknown_name(patient, monkeypatch):
    resolve = socket.getaddrinfo

    def getaddrinfo(host, *rest, **options):
        if host == "nowhere.example.com":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    patient.move("https://nowhere.example.com/photos/ada.jpg")
    yield


@fault("DNS and TLS", "Connection refused", "listening", "before the stack's photos moved")
def refused_connection(patient, _monkeypatch):
    patient.move("http://127.0.0.1:1/photos/ada.jpg")
    yield


@fault("DNS and TLS", "certificate is not valid", "whole chain")
def wrong_certificate(patient, _monkeypatch):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with _serving({"HEAD": reply(), "GET": reply()}, context) as server:
        patient.move(f"https://127.0.0.1:{server.port}/photos/ada.jpg")
        yield


def served(get, head=None):
    """Return a seed: a server at the photo's URL that gives these responses."""

    def seed(patient, _monkeypatch):
        with _serving({"GET": get, "HEAD": head or head_of(get)}, None) as server:
            patient.move(f"http://127.0.0.1:{server.port}/photos/ada.jpg")
            yield

    return seed


def serve(name, link, *words, get=None, head=None):
    seed = served(get or reply(), head)
    seed.__name__ = name
    fault(link, *words)(seed)


_REDIRECT = reply(b"", "301 Moved Permanently", Location="https://cdn.example.com/ada.jpg")
serve("redirecting_cdn", "HEAD", "redirects (301)", "final URL", get=_REDIRECT)
serve("head_not_allowed", "HEAD", "405", "HEAD and GET", head=head_of(reply(b"", "405 Method Not Allowed")))
serve("text_plain", "HEAD", "'text/plain'", "image/jpeg", get=reply(Content_Type="text/plain"))
serve("photo_gone", "HEAD", "404", "nothing at this address", get=reply(b"", "404 Not Found"))
serve("sign_in_page", "GET", "403", "authentication", get=reply(b"", "403 Forbidden"), head=head_of(reply()))
serve("damaged_picture", "GET", "not a readable JPEG", get=reply(JPEG[:-100]))
