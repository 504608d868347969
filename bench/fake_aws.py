"""S3, DynamoDB and Secrets Manager over TLS, and Okta, as far as one cold start asks them. Nothing is stored."""

import datetime as dt
import ipaddress
import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote

from botocore.httpsession import get_cert_path
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from headshot.stores.items import item_of
from tests import pictures
from tests.unit.examples import RECORD

_STORED = "Fri, 02 Jan 2026 03:04:05 GMT"
_LISTED = (
    "<ListVersionsResult><Version><Key>{key}</Key><VersionId>1</VersionId><IsLatest>true</IsLatest>"
    "<LastModified>2026-01-02T03:04:05.000Z</LastModified><Size>100</Size></Version></ListVersionsResult>"
)
_COPIED = "<CopyObjectResult><ETag>-</ETag><LastModified>2026-01-02T03:04:05.000Z</LastModified></CopyObjectResult>"
_SECRET = {"SecretString": '{"api_token": "-"}'}
_USER = {"id": "00u1", "status": "ACTIVE", "profile": {}}


class Fake(BaseHTTPRequestHandler):
    """Answers by method, path and X-Amz-Target. Only `ada@example.com` has a record."""

    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        """Answer HeadObject."""
        self._answer(b"", {"Content-Type": "image/jpeg"})

    def do_GET(self) -> None:
        """Answer GetObject, ListObjectVersions of the drop box, and Okta's search."""
        if self.path.startswith("/api/v1/users"):
            self._json(_USER)
        elif "versions" in self.path:
            prefix = unquote(self.path.partition("prefix=")[2].partition("&")[0])
            listed = _LISTED.format(key=prefix) if prefix.startswith("dropbox/") else "<ListVersionsResult/>"
            self._answer(listed.encode(), {"Content-Type": "application/xml"})
        else:
            self._answer(pictures.plain(), {"Content-Type": "image/jpeg"})

    def do_PUT(self) -> None:
        """Answer PutObject and CopyObject."""
        self._body()
        copied = _COPIED.encode() if "x-amz-copy-source" in self.headers else b""
        self._answer(copied, {"x-amz-version-id": "2"})

    def do_DELETE(self) -> None:
        """Answer DeleteObject."""
        self._answer(b"", {})

    def do_POST(self) -> None:
        """Answer DynamoDB, Secrets Manager, and Okta's update."""
        query = self._body()
        _, _, action = self.headers.get("X-Amz-Target", "").rpartition(".")
        if action == "GetSecretValue":
            self._json(_SECRET)
        elif action == "GetItem" and b"ada@example.com" in query:
            self._json({"Item": item_of(RECORD)})
        else:
            self._json(_USER if self.path.startswith("/api/") else {})

    def log_message(self, *_: object) -> None:
        """Print nothing."""

    def _body(self) -> bytes:
        if self.headers.get("Expect"):
            self.send_response_only(100)
            self.end_headers()
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _json(self, value: Any) -> None:
        self._answer(json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _answer(self, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(200)
        for name, value in ({"Content-Length": str(len(body)), "Last-Modified": _STORED} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@contextmanager
def running(folder: Path) -> Iterator[dict[str, str]]:
    """Run both, and yield the environment variables with which functions find them.

    The bundle of certificates is botocore's with one more: reading it is part of every cold start.
    """
    certificate, bundle = folder / "aws.pem", folder / "bundle.pem"
    certificate.write_bytes(_certificate())
    bundle.write_bytes(Path(str(get_cert_path(verify=True))).read_bytes() + certificate.read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    aws, okta = (ThreadingHTTPServer(("127.0.0.1", 0), Fake) for _ in range(2))
    aws.socket = context.wrap_socket(aws.socket, server_side=True, do_handshake_on_connect=False)
    for server in (aws, okta):
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield {
            "AWS_ENDPOINT_URL": f"https://127.0.0.1:{aws.server_port}",
            "AWS_CA_BUNDLE": str(bundle),
            "IDENTITY_PROVIDER_URL": f"http://127.0.0.1:{okta.server_port}",
        }
    finally:
        for server in (aws, okta):
            server.shutdown()
            server.server_close()


def _certificate() -> bytes:
    """Return a key and a certificate of 127.0.0.1 for a day, signed by itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + made.public_bytes(serialization.Encoding.PEM)
