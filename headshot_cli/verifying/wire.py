"""HTTP as it is sent: signed, unsigned or signed wrongly, and whatever comes back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

from headshot_cli.stack import StackError

_RETRIES = urllib3.Retry(
    total=2,
    redirect=False,
    backoff_factor=0.5,
    status_forcelist=[429, 502, 503, 504],
    allowed_methods=None,
    raise_on_status=False,
)
_POOL = urllib3.PoolManager(timeout=urllib3.Timeout(connect=5, read=60), retries=_RETRIES)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answers. `headers` ignores case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def value(self) -> Any:
        """Return the JSON of the body, or None if it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def __str__(self) -> str:
        """Return the status with the problem's code, or the beginning of another text, fit for a terminal."""
        value = self.value
        if isinstance(value, dict) and "code" in value:
            return f"{self.status} ({value['code']!a})"
        text = self.body[:100].decode("utf-8", "replace").strip()
        return f"{self.status} ({text!a})" if text else str(self.status)


class Wire:
    """Sends requests to one API, with the caller's credentials."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        session = boto3.Session()
        credentials = session.get_credentials()
        if credentials is None:
            raise StackError("There are no AWS credentials. Set them up with: aws configure")
        self._credentials = credentials.get_frozen_credentials()
        self.region = session.region_name or "us-east-1"

    def signature(
        self, method: str, path: str, body: bytes = b"", *, service: str = "execute-api", secret: str | None = None
    ) -> dict[str, str]:
        """Return the headers that sign a request, with another service or secret to sign it wrongly."""
        keys = self._credentials
        signing = ReadOnlyCredentials(keys.access_key, secret or keys.secret_key, keys.token)
        request = AWSRequest(method, self._endpoint + path, data=body, headers=_content_type(body))
        SigV4Auth(signing, service, self.region).add_auth(request)
        return dict(request.headers.items())

    def send(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """Send a request to a path of the API or to a whole URL, signed unless `headers` are given.

        Raises
        ------
        StackError
            If nothing answers.
        """
        signed = self.signature(method, path, body) if headers is None else headers
        address = parse_url(path if "://" in path else self._endpoint + path)
        sent = {**_content_type(body), **signed, "Host": address.netloc or ""}
        if address.host and address.host.endswith(".localhost"):
            address = address._replace(host="localhost")  # not every system resolves names under it (RFC 6761 §6.3)
        try:
            answer = _POOL.request(method, address.url, body=body, headers=sent, redirect=False)
        except HTTPError as error:
            raise StackError(f"{self._endpoint} does not answer: {error}") from error
        return Answer(answer.status, answer.headers, answer.data)


def _content_type(body: bytes) -> dict[str, str]:
    return {"Content-Type": "image/jpeg"} if body else {}
