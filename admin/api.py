"""Headshot's API, called with the signature of whoever runs the command (AWS Signature Version 4)."""

import json
from typing import Any

import boto3
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

from admin.stack import Stack, StackError

_POOL = urllib3.PoolManager(timeout=urllib3.Timeout(connect=5, read=35), retries=urllib3.Retry(3, redirect=False))


class ApiError(StackError):
    """The API refused a request; its text says why and what to do. `code` is a problem's, or the status."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class Api:
    """The API of a stack."""

    def __init__(self, stack: Stack) -> None:
        self._endpoint = stack.output("ApiEndpoint")
        session = boto3.Session()
        credentials = session.get_credentials()
        if credentials is None:
            raise StackError("There are no AWS credentials. Set them up with: aws configure")
        self._signer = SigV4Auth(credentials, "execute-api", session.region_name or "us-east-1")

    def call(self, method: str, path: str, body: bytes = b"", content_type: str = "") -> Any:
        """Send a request, and give the JSON of the answer, None if there is none.

        Raises
        ------
        ApiError
            If the API refuses it.
        StackError
            If the API does not answer.
        """
        address = parse_url(self._endpoint + path)
        request = AWSRequest(method, address.url, data=body, headers={"Content-Type": content_type} if body else {})
        self._signer.add_auth(request)
        headers = {**dict(request.headers.items()), "Host": address.netloc or ""}
        if address.host and address.host.endswith(".localhost"):
            address = address._replace(host="localhost")  # not every system resolves names under it (RFC 6761 §6.3)
        try:
            answer = _POOL.request(method, address.url, body=body, headers=headers, redirect=False)
        except HTTPError as error:
            raise StackError(f"The API does not answer at {self._endpoint}: {error}") from error
        return _value(answer)


def _value(answer: urllib3.BaseHTTPResponse) -> Any:
    try:
        value = json.loads(answer.data) if answer.data else None
    except ValueError:
        value = None
    if answer.status in range(200, 300):
        return value
    if isinstance(value, dict) and "detail" in value:
        raise ApiError(value["code"], value["detail"])
    if answer.status in {401, 403}:
        raise ApiError("403", "Your AWS credentials may not call the API. Attach the stack's caller policy to them.")
    raise ApiError(str(answer.status), f"The API answers {answer.status}.")
