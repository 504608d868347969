"""Fetches a photo's URL as Atlassian does: HEAD, then GET, unsigned, without following redirects."""

import io
import re
import ssl
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

import urllib3
from PIL import Image
from urllib3 import exceptions
from urllib3.util import Url, parse_url

from headshot_cli.http import Response, connection

# Atlassian publishes no limits; these are Headshot's own.
_BYTES = 10_000_000
_PIXELS = 50_000_000

# By Pillow's format names. MPO is a JPEG with more pictures behind it, as phones write it.
_TYPES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "GIF": "image/gif"}

_UNRESOLVED = "The name {host} does not resolve. Check for typos and that its DNS record exists."
_FAILURES: dict[type[exceptions.HTTPError], str] = {
    exceptions.LocationParseError: _UNRESOLVED,
    exceptions.NameResolutionError: _UNRESOLVED,
    exceptions.NewConnectionError: "Cannot connect to {host}: {cause}. Check that a server is listening on this port.",
    exceptions.ConnectTimeoutError: "Connecting to {host} timed out. Check for a firewall in between.",
    exceptions.SSLError: "TLS fails: {cause}. Check that the server uses TLS on this port.",
    exceptions.ReadTimeoutError: "The server stopped sending before the response was complete. Check its logs.",
}
_OTHER_FAILURE = "The server closed the connection or does not speak HTTP. Check its logs and the port."
# By X509_V_ERR_… of OpenSSL's x509_vfy.h.
_CERTIFICATES = {
    10: "Renew it.",
    62: "Use one for the name in the URL.",
    64: "Use one for the address in the URL.",
}
_OTHER_CERTIFICATE = "Use one from a public authority, and have the server send the whole chain."
_SIGN_IN = "it asks for authentication, which Atlassian does not send. Make the picture public."
_STATUSES = {
    401: _SIGN_IN,
    403: f"{_SIGN_IN} (S3 returns 403 for HEAD if the URL is presigned for GET.)",
    404: "there is nothing at this address. Check for typos and that the picture still exists.",
    405: "it does not allow the method. Configure the server to answer both HEAD and GET.",
    407: _SIGN_IN,
}
_OTHER_STATUS = "only 200 is accepted. Check the server's logs."


@dataclass(frozen=True, slots=True)
class Step:
    """The result of one step.

    `name` is "URL", "HEAD", "GET", "HEAD and GET" or "picture". `detail` says what was found and, if `passed` is false,
    how to fix it. Text quoted from the server is escaped, fit for a terminal.
    """

    name: str
    passed: bool
    detail: str


def check(url: str, pool: urllib3.PoolManager | None = None) -> list[Step]:
    """Fetch the picture at `url` as Atlassian does, and return the result of each step, in order.

    Atlassian gets the picture if every step passed. Steps that make no sense after a failure are left out. No response
    of a server raises an exception.

    Parameters
    ----------
    url : str
        The picture's URL, as the identity provider will push it.
    pool : urllib3.PoolManager, optional
        A pool with its own timeouts and trusted authorities. By default, connecting may take 3 seconds and each wait
        for the server 10, and the authorities are those that this machine trusts.
    """
    if pool is None:
        with urllib3.PoolManager(timeout=urllib3.Timeout(connect=3, read=10)) as own:
            return check(url, own)
    return list(_steps(url, pool))


def _steps(url: str, pool: urllib3.PoolManager) -> Iterator[Step]:
    try:
        address = parse_url(url)
    except exceptions.LocationParseError:
        address = Url()
    if address.scheme not in {"http", "https"} or not address.host or address.auth or re.search(r"[^!-~]", url):
        example = "https://photos.example.com/photos/ada.jpg"
        yield Step("URL", passed=False, detail=f"This is not a full web address. Use one such as {example}.")
        return
    yield _transport(address.scheme, address.host)
    responses: dict[str, Response] = {}
    for method in ("HEAD", "GET"):
        try:
            response = _fetch(pool, method, url)
        except exceptions.HTTPError as error:
            yield Step(method, passed=False, detail=_failure(error, address.host))
            if not isinstance(error, exceptions.ReadTimeoutError | exceptions.ProtocolError):
                return
        else:
            flaw = _flaw(method, response)
            yield Step(method, not flaw, flaw or f"The server returns 200 with {response.media_type}.")
            responses[method] = response
    if len(responses) > 1 and any(response.status == HTTPStatus.OK for response in responses.values()):
        yield _agreement(responses["HEAD"], responses["GET"])
    if "GET" in responses and not _flaw("GET", responses["GET"]):
        yield _picture(responses["GET"])


def _transport(scheme: str, host: str) -> Step:
    if host in {"127.0.0.1", "[::1]", "localhost"} or host.endswith(".localhost"):
        detail = f"It is {scheme} on this machine: fine for a trial, but Atlassian cannot reach it."
        return Step("URL", passed=True, detail=detail)
    if scheme == "http":
        detail = "It is plain HTTP, which anyone on the network path can change. Serve the picture over HTTPS."
        return Step("URL", passed=False, detail=detail)
    return Step("URL", passed=True, detail="It is a full HTTPS URL.")


def _fetch(pool: urllib3.PoolManager, method: str, url: str) -> Response:
    target, host = connection(url)
    with pool.request(
        method,
        target,
        headers={"Accept": "image/*", "User-Agent": "Headshot-check", "Host": host},
        retries=False,
        redirect=False,
        preload_content=False,
        decode_content=False,
        enforce_content_length=False,  # `_flaw` reports it more plainly
    ) as response:
        # A connection that is read to its end is reused, and some servers spoil it with a body after HEAD.
        body = b"" if method == "HEAD" else response.read(_BYTES + 1)
        return Response(response.status, response.headers, body)


def _failure(error: exceptions.HTTPError, host: str) -> str:
    match error.args:
        case [ssl.SSLCertVerificationError() as cause]:
            fix = _CERTIFICATES.get(cause.verify_code, _OTHER_CERTIFICATE)
            return f"The server's certificate is not valid: {cause.verify_message.rstrip('.')}. {fix}"
    return _FAILURES.get(type(error), _OTHER_FAILURE).format(host=host, cause=error.__cause__ or error)


def _flaw(method: str, response: Response) -> str:
    location = response.headers.get("Location")
    if location and response.status in range(300, 400):
        return f"The server redirects ({response.status}) to {location!a}. Use the final URL instead."
    if response.status != HTTPStatus.OK:
        return f"The server returns {response.status}: {_STATUSES.get(response.status, _OTHER_STATUS)}"
    if response.media_type not in _TYPES.values():
        declared = response.headers.get("Content-Type", "")
        return f"The Content-Type is {declared!a}, which is no picture's. Configure the server to send image/jpeg."
    if len(response.body) > _BYTES:
        return "The file is larger than 10 MB, Headshot's own limit (Atlassian publishes none). Scale the picture down."
    length, size = response.headers.get("Content-Length", ""), len(response.body)
    if method == "GET" and length not in {"", str(size)}:
        return f"The body has {size} bytes, but Content-Length is {length!a}. Fix the server or its proxy."
    return ""


def _agreement(head: Response, get: Response) -> Step:
    pairs = {"status": (str(head.status), str(get.status)), "Content-Type": (head.media_type, get.media_type)}
    pairs |= {name: (head.headers.get(name, ""), get.headers.get(name, "")) for name in ("ETag", "Content-Length")}
    unlike = ", ".join(f"{name} ({one!a}, {two!a})" for name, (one, two) in pairs.items() if one and two and one != two)
    detail = f"They differ in {unlike}. Configure the server to answer HEAD with the status and headers of GET."
    return Step("HEAD and GET", not unlike, detail if unlike else "They agree.")


def _picture(response: Response) -> Step:
    try:
        image = _decode(response.body)
    except Image.DecompressionBombError:
        detail = "It has more than 50 megapixels, Headshot's own limit (Atlassian publishes none). Scale it down."
        return Step("picture", passed=False, detail=detail)
    except Exception:  # noqa: BLE001  Pillow raises many types for a damaged file
        detail = "The file is not a readable JPEG, PNG or GIF. Open it, save it again, and serve that."
        return Step("picture", passed=False, detail=detail)
    actual = _TYPES[image.format or ""]
    if actual != response.media_type:
        detail = (
            f"It is {actual}, but the Content-Type is {response.media_type}. Configure the server to send {actual}."
        )
        return Step("picture", passed=False, detail=detail)
    advice = "" if image.width == image.height else ", not square: Atlassian may crop it"
    return Step("picture", passed=True, detail=f"It is {actual}, {image.width} × {image.height} pixels{advice}.")


def _decode(body: bytes) -> Image.Image:
    with warnings.catch_warnings(action="ignore"):  # Pillow reads what it warns about
        image = Image.open(io.BytesIO(body), formats=["JPEG", "PNG", "GIF"])
        if image.width * image.height > _PIXELS:
            raise Image.DecompressionBombError
        image.load()
    return image
