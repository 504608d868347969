"""What Atlassian does to a photo's URL, step by step: HEAD, then GET, unsigned, following no redirect."""

import io
import re
import ssl
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus

import urllib3
from PIL import Image
from urllib3 import exceptions
from urllib3.util import Url, parse_url

# Atlassian publishes no limits; these are Headshot's own.
_BYTES = 10_000_000
_PIXELS = 50_000_000

# By Pillow's names. MPO is a JPEG with more of them behind it, as telephones write them.
_TYPES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "GIF": "image/gif"}

_UNRESOLVED = "The name {host} does not resolve: look for a typing mistake, and whether its DNS record is there."
_FAILURES: dict[type[exceptions.HTTPError], str] = {
    exceptions.LocationParseError: _UNRESOLVED,
    exceptions.NameResolutionError: _UNRESOLVED,
    exceptions.NewConnectionError: "{host} takes no connection ({cause}): look whether the server runs on this port.",
    exceptions.ConnectTimeoutError: "{host} takes no connection in time: look for a firewall in between.",
    exceptions.SSLError: "TLS fails ({cause}): look whether the server speaks TLS on this port.",
    exceptions.ReadTimeoutError: "The server falls silent before its answer is complete: look into its logs.",
}
# By X509_V_ERR_… of OpenSSL's x509_vfy.h.
_CERTIFICATES = {10: "renew it", 62: "use one for the name in the URL", 64: "use one for the address in the URL"}
_SIGN_IN = "it asks for authentication, which Atlassian does not send: let anyone read the picture."
_STATUSES = {
    401: _SIGN_IN,
    403: f"{_SIGN_IN} (S3 answers 403 to HEAD where a URL is presigned for GET.)",
    404: "there is nothing at this address: look for a typing mistake, and whether the picture is still there.",
    405: "the method is not allowed: have the server answer both HEAD and GET.",
    407: _SIGN_IN,
}


@dataclass(frozen=True, slots=True)
class Step:
    """What one step found.

    `name` is "URL", "HEAD", "GET", "HEAD and GET" or "picture". `detail` says for a person what was found and, where
    `passed` is false, what to mend. What it quotes from the server is escaped, fit for a terminal.
    """

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class _Answer:
    method: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def type(self) -> str:
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def check(url: str, pool: urllib3.PoolManager | None = None) -> list[Step]:
    """Fetch the picture at `url` as Atlassian does, and tell of each step, in order.

    Atlassian gets the picture if every step passed. Steps that make no sense after what was found are left out.
    Nothing that a server does raises.

    Parameters
    ----------
    url : str
        Where the picture is, as the identity provider is to push it.
    pool : urllib3.PoolManager, optional
        Brings its own time-outs and trusted authorities. Without one, connecting may take 3 seconds and each wait for
        the server 10, and the authorities are those that this machine trusts.
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
        yield Step("URL", passed=False, detail=f"It is not a whole, public web address: give one such as {example}.")
        return
    yield _transport(address.scheme, address.host)
    answers = []
    for method in ("HEAD", "GET"):
        try:
            answer = _fetch(pool, method, address)
        except exceptions.HTTPError as error:
            yield Step(method, passed=False, detail=_failure(error, address.host))
            if not isinstance(error, exceptions.ReadTimeoutError | exceptions.ProtocolError):
                return
        else:
            flaw = _flaw(answer)
            yield Step(method, not flaw, flaw or f"The server answers 200 with {answer.type}.")
            answers.append(answer)
    if len(answers) > 1 and any(answer.status == HTTPStatus.OK for answer in answers):
        yield _agreement(*answers)
    if answers and answers[-1].method == "GET" and not _flaw(answers[-1]):
        yield _picture(answers[-1])


def _transport(scheme: str, host: str) -> Step:
    if host in {"127.0.0.1", "[::1]", "localhost"} or host.endswith(".localhost"):
        detail = f"It is {scheme} on this machine: fine for trying only, since Atlassian cannot reach it."
        return Step("URL", passed=True, detail=detail)
    if scheme == "http":
        detail = "It is plain http, which anyone on the way can change: serve the picture over https."
        return Step("URL", passed=False, detail=detail)
    return Step("URL", passed=True, detail="It is a whole https URL.")


def _fetch(pool: urllib3.PoolManager, method: str, address: Url) -> _Answer:
    headers = {"Accept": "image/*", "User-Agent": "Headshot-check", "Host": address.netloc or ""}
    if address.scheme == "http" and address.host and address.host.endswith(".localhost"):
        address = address._replace(host="localhost")  # not every system resolves names under it (RFC 6761 §6.3)
    with pool.request(
        method,
        address.url,
        headers=headers,
        retries=False,
        redirect=False,
        preload_content=False,
        decode_content=False,
        enforce_content_length=False,  # `_flaw` says it more plainly
    ) as response:
        # A connection that is read to its end is used again, and some servers spoil it with a body after HEAD.
        body = b"" if method == "HEAD" else response.read(_BYTES + 1)
        return _Answer(method, response.status, response.headers, body)


def _failure(error: exceptions.HTTPError, host: str) -> str:
    match error.args:
        case [ssl.SSLCertVerificationError() as cause]:
            mend = "use one from a public authority, and have the server send the whole chain"
            mend = _CERTIFICATES.get(cause.verify_code, mend)
            return f"The server's certificate is not valid ({cause.verify_message.rstrip('.')}): {mend}."
    other = "The server breaks off, or speaks no HTTP: look into its logs, and whether the port is right."
    return _FAILURES.get(type(error), other).format(host=host, cause=error.__cause__ or error)


def _flaw(answer: _Answer) -> str:
    place = answer.headers.get("Location")
    if place and answer.status in range(300, 400):
        return f"The server redirects ({answer.status}) to {place!a}: hand on the final URL instead."
    if answer.status != HTTPStatus.OK:
        mend = _STATUSES.get(answer.status, "where only 200 will do: look into the server's logs.")
        return f"The server answers {answer.status}, {mend}"
    if answer.type not in _TYPES.values():
        announced = answer.headers.get("Content-Type", "")
        return f"The Content-Type is {announced!a}, which is no picture's: have the server send image/jpeg."
    if len(answer.body) > _BYTES:
        return "The body has more than 10 MB, Headshot's own limit (Atlassian publishes none): scale the picture down."
    length = answer.headers.get("Content-Length", "")
    if answer.method == "GET" and length not in {"", str(len(answer.body))}:
        return f"The body has {len(answer.body)} bytes and Content-Length is {length!a}: mend the server or its proxy."
    return ""


def _agreement(head: _Answer, get: _Answer) -> Step:
    pairs = {"status": (str(head.status), str(get.status)), "Content-Type": (head.type, get.type)}
    pairs |= {name: (head.headers.get(name, ""), get.headers.get(name, "")) for name in ("ETag", "Content-Length")}
    unlike = ", ".join(f"{name} ({one!a}, {two!a})" for name, (one, two) in pairs.items() if one and two and one != two)
    detail = f"They differ in {unlike}: have the server answer HEAD with the status and headers of GET."
    return Step("HEAD and GET", not unlike, detail if unlike else "Both tell the same.")


def _picture(answer: _Answer) -> Step:
    try:
        image = _decode(answer.body)
    except Image.DecompressionBombError:
        detail = "It has more than 50 megapixels, Headshot's own limit (Atlassian publishes none): scale it down."
        return Step("picture", passed=False, detail=detail)
    except Exception:  # noqa: BLE001  whatever Pillow raises over a file's data is about the file
        detail = "The body cannot be read as a JPEG, PNG or GIF: open the file, save it again, and serve that."
        return Step("picture", passed=False, detail=detail)
    real = _TYPES[image.format or ""]
    if real != answer.type:
        detail = f"It is {real} and announced as {answer.type}: have the server send the real Content-Type."
        return Step("picture", passed=False, detail=detail)
    advice = "" if image.width == image.height else ", not square: Atlassian may show it cut at the edges"
    return Step("picture", passed=True, detail=f"It is {real} of {image.width} × {image.height} pixels{advice}.")


def _decode(body: bytes) -> Image.Image:
    with warnings.catch_warnings(action="ignore"):  # what Pillow only warns of, it reads
        image = Image.open(io.BytesIO(body), formats=["JPEG", "PNG", "GIF"])
        if image.width * image.height > _PIXELS:
            raise Image.DecompressionBombError
        image.load()
    return image
