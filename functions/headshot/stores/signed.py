"""Calls to AWS without boto3, for serve: botocore signs the request, urllib3 sends it.

Most of Atlassian's requests meet a cold start. boto3 and its models of S3 and DynamoDB would take most of its processor
time (docs/cold-start.md), and serve makes three kinds of call.
"""

import os
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NamedTuple, Self

import urllib3
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import get_cert_path

from headshot.problems import StoreUnavailable

# As in headshot.stores.aws: two attempts of at most 3 s each. A 400 is retried, too: DynamoDB throttles with it, and S3
# reports a request that broke off ("Error handling with DynamoDB", DynamoDB developer guide; "Error responses", S3 API
# Reference). A server's Retry-After could exceed the function's time.
TIMEOUT = urllib3.Timeout(connect=1, read=2)
RETRIES = urllib3.Retry(
    1,
    status_forcelist=(400, 429, 500, 502, 503, 504),
    allowed_methods=None,
    raise_on_status=False,
    respect_retry_after_header=False,
)

# Made when the module is loaded: a function starts with more CPU than it runs with. The certificates are boto3's.
_HTTP = urllib3.PoolManager(
    timeout=TIMEOUT,
    retries=RETRIES,
    ssl_context=ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE") or get_cert_path(verify=True)),
)

# The error code in the XML of S3, and in the JSON of DynamoDB, where a namespace and # precede it.
_CODE = re.compile(rb'<Code>([\w.]+)</Code>|"__type" *: *"(?:[^"#]*#)?(\w+)"')


class CallError(Exception):
    """AWS rejected a call. The message is the error code, such as "SlowDown", or the status if the body has none."""


class Credentials(NamedTuple):
    """What a request is signed with. Lambda's are valid for longer than its process lives."""

    access_key: str
    secret_key: str
    token: str | None = None

    @classmethod
    def from_environment(cls) -> Self:
        """Return the credentials of the function's role ("Defined runtime environment variables", Lambda)."""
        keys = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
        return cls(*keys, os.environ.get("AWS_SESSION_TOKEN"))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a service is called, and what signs the calls."""

    url: str
    signer: SigV4Auth

    @classmethod
    def of_bucket(cls, bucket: str) -> Self:
        """Return the endpoint of a bucket in this region."""
        configured = _configured("S3")  # by path: emulators have no host names for buckets
        url = f"{configured}/{bucket}" if configured else f"https://{bucket}.s3.{_region()}.{_suffix()}"
        return cls(url, _signer(S3SigV4Auth, "s3"))

    @classmethod
    def of_dynamodb(cls) -> Self:
        """Return the endpoint of DynamoDB in this region."""
        url = _configured("DYNAMODB") or f"https://dynamodb.{_region()}.{_suffix()}"
        return cls(url, _signer(SigV4Auth, "dynamodb"))

    def send(
        self, method: str, path: str = "/", headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> urllib3.BaseHTTPResponse:
        """Return the response to a request, complete and with status 200. `path` is percent-encoded.

        Raises
        ------
        CallError
            If AWS answers with another status.
        StoreUnavailable
            If it does not answer.
        """
        url = self.url + path
        request = AWSRequest(method, url, headers, body)
        self.signer.add_auth(request)
        try:
            response = _HTTP.request(method, url, body=body, headers=dict(request.headers), redirect=False)
        except urllib3.exceptions.HTTPError as error:
            raise StoreUnavailable from error
        if response.status != HTTPStatus.OK:
            found = _CODE.search(response.data)
            raise CallError((found[1] or found[2]).decode() if found else str(response.status))
        return response


def _signer(kind: type[SigV4Auth], service: str) -> SigV4Auth:
    credentials: Any = Credentials.from_environment()  # botocore's own would bring all its ways to find some
    return kind(credentials, service, _region())


def _region() -> str:
    return os.environ["AWS_DEFAULT_REGION"]


def _suffix() -> str:
    """Return the domain of AWS: Amazon's regions in China have their own."""
    return "amazonaws.com.cn" if _region().startswith("cn-") else "amazonaws.com"


def _configured(service: str) -> str | None:
    """Return the address outside AWS, from the variables that boto3 reads, too."""
    found = os.environ.get(f"AWS_ENDPOINT_URL_{service}") or os.environ.get("AWS_ENDPOINT_URL")
    return found.rstrip("/") if found else None
