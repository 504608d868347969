"""Headshot's API, called with the signature of whoever runs the command (AWS Signature Version 4)."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

from headshot.urls import check_user_id, encode
from headshot_cli.stack import NO_CREDENTIALS, NoAnswerError, Stack, StackError
from headshot_cli.waiting import Retry, cause_of

# What can pass within a minute: throttling, stores that fail, functions that die. Every request is safe to send again,
# and its signature holds for five minutes.
_RETRIES = Retry(
    total=10,
    redirect=False,
    backoff_factor=0.5,
    backoff_max=10,
    backoff_jitter=0.5,
    status_forcelist=[429, 500, 502, 503, 504],
    allowed_methods=None,
    raise_on_status=False,
)
_POOL = urllib3.PoolManager(maxsize=16, timeout=urllib3.Timeout(connect=5, read=35), retries=_RETRIES)


def user_path(user_id: str, rest: str = "") -> str:
    """Return the path of a user's photo on the API, followed by `rest`. Raise InvalidUserId if there is no such id.

    What is not checked here, a proxy or the API may read differently: a slash, or a dot alone, is another path.
    """
    return f"/users/{encode(check_user_id(user_id))}/photo{rest}"


class ApiError(StackError):
    """The API answers a request by an error; its text says why and what to do. `status` is HTTP's."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status

    @property
    def is_refusal(self) -> bool:
        """Whether it is about this one picture, so that others may still go through."""
        return self.status in {400, 409, 413, 415, 422}


class ApiUnavailableError(ApiError, NoAnswerError):
    """The API fails, or wants to be left alone: the same request may succeed later."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API answered: HTTP's status, and the JSON in the body, None if there was none."""

    status: int
    value: Any


class Api:
    """The API of a stack."""

    def __init__(self, stack: Stack) -> None:
        self._endpoint = stack.output("ApiEndpoint")
        credentials = stack.session.get_credentials()
        if credentials is None:
            raise StackError(NO_CREDENTIALS)
        self._signer = SigV4Auth(credentials, "execute-api", stack.session.region_name)

    def call(self, method: str, path: str) -> Any:
        """Send a request without a body, and give the JSON of the answer. Raises what `send` does."""
        return self.send(method, path).value

    def send(self, method: str, path: str, body: bytes = b"", content_type: str = "") -> Answer:
        """Send a request.

        Raises
        ------
        ApiError
            If the API answers by an error.
        NoAnswerError
            If it does not answer.
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
            raise NoAnswerError(f"The API does not answer at {self._endpoint}: {cause_of(error)}.") from error
        return _judged(answer)


def _judged(answer: urllib3.BaseHTTPResponse) -> Answer:
    try:
        value = json.loads(answer.data) if answer.data else None
    except ValueError:
        value = None
    if answer.status in range(200, 300):
        return Answer(answer.status, value)
    error = (
        ApiUnavailableError
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        else ApiError
    )
    if isinstance(value, dict) and "detail" in value:
        raise error(answer.status, str(value["detail"]))
    if answer.status in {401, 403}:
        raise ApiError(answer.status, "Your AWS credentials may not call the API. Attach the caller policy to them.")
    raise error(answer.status, f"The API answers {answer.status}.")
