"""Headshot's API, called with the signature of the person who runs the command (AWS Signature Version 4)."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from urllib3.exceptions import HTTPError

from headshot.urls import check_user_id, encode
from headshot_cli.http import Response, connection
from headshot_cli.stack import NO_CREDENTIALS, NoAnswerError, Stack, StackError
from headshot_cli.waiting import Retry, cause_of

# Failures that pass within a minute: throttling, failing stores, functions that crash. Every request is safe to repeat,
# and its signature is valid for five minutes.
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
# What each method does, and the output of the stack with the policy that allows it.
_JOBS = {
    "GET": ("read from", "ReadPolicyArn"),
    "PUT": ("upload to", "UploadPolicyArn"),
    "POST": ("upload to", "UploadPolicyArn"),
    "DELETE": ("erase through", "AdministerPolicyArn"),
}
# API Gateway answers within 30 seconds, if only by 503.
_POOL = urllib3.PoolManager(maxsize=16, timeout=urllib3.Timeout(connect=5, read=35))


def user_path(user_id: str, rest: str = "") -> str:
    """Return the path of a user's photo on the API, followed by `rest`. Raise InvalidUserId if the id is invalid.

    Without this check a proxy or the API could read the path differently: a slash or a lone dot is another path.
    """
    return f"/users/{encode(check_user_id(user_id))}/photo{rest}"


class ApiError(StackError):
    """The API answered with an error; the text says why and what to do. `status` is the HTTP status."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status

    @property
    def rejects_upload(self) -> bool:
        """Whether the error concerns this one upload, so that others may still succeed."""
        return self.status in {400, 409, 413, 415, 422}


class ApiUnavailableError(ApiError, NoAnswerError):
    """The API fails or throttles: the same request may succeed later."""


class Api:
    """The API of a stack. A request that fails with a transient error is retried up to `retries` times."""

    def __init__(self, stack: Stack, retries: int | None = None) -> None:
        self._endpoint = stack.output("ApiEndpoint")
        credentials = stack.session.get_credentials()
        if credentials is None:
            raise StackError(NO_CREDENTIALS)
        self._credentials = credentials
        self._retries = _RETRIES if retries is None else _RETRIES.new(total=retries)
        self.region: str = stack.session.region_name

    def call(self, method: str, path: str) -> Any:
        """Send a request without a body, and return the JSON of the response. Raise what `send` raises."""
        return self.send(method, path).value

    def pages(self, path: str, member: str, **query: str) -> Iterator[dict[str, Any]]:
        """Yield every item of a paged listing: the list `member` of each page. Raise what `send` raises."""
        while True:
            page = self.call("GET", f"{path}?{urlencode(query, quote_via=quote)}" if query else path)
            yield from page[member]
            if page["start_after"] is None:
                return
            query["start_after"] = page["start_after"]

    def send(self, method: str, path: str, body: bytes = b"") -> Response:
        """Send a signed request, and return the response if it is a success.

        Raises
        ------
        ApiError
            If the API answers with an error.
        NoAnswerError
            If it does not answer.
        """
        response = self.exchange(method, path, body)
        if response.status not in range(200, 300):
            raise _error(method, response)
        return response

    def exchange(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Response:
        """Send a request to a path of the API or to a whole URL, signed unless `headers` are given.

        Return the response with any status. Raise NoAnswerError if there is none.
        """
        signed = self.signature(method, path, body) if headers is None else headers
        url, host = connection(path if "://" in path else self._endpoint + path)
        sent = {**_content_type(body), **signed, "Host": host}
        try:
            response = _POOL.request(method, url, body=body, headers=sent, redirect=False, retries=self._retries)
        except HTTPError as error:
            raise NoAnswerError(f"The API does not answer at {self._endpoint}: {cause_of(error)}.") from error
        return Response(response.status, response.headers, response.data)

    def signature(
        self, method: str, path: str, body: bytes = b"", *, service: str = "execute-api", secret: str | None = None
    ) -> dict[str, str]:
        """Return the headers that sign a request. Another `service` or `secret` makes the signature a wrong one."""
        keys = self._credentials.get_frozen_credentials()
        signing = ReadOnlyCredentials(keys.access_key, secret or keys.secret_key, keys.token)
        request = AWSRequest(method, self._endpoint + path, data=body, headers=_content_type(body))
        SigV4Auth(signing, service, self.region).add_auth(request)
        return dict(request.headers.items())


def _content_type(body: bytes) -> dict[str, str]:
    return {"Content-Type": "application/octet-stream"} if body else {}


def _error(method: str, response: Response) -> ApiError:
    value = response.value
    is_transient = (
        response.status == HTTPStatus.TOO_MANY_REQUESTS or response.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    )
    error = ApiUnavailableError if is_transient else ApiError
    if isinstance(value, dict) and "detail" in value:
        return error(response.status, str(value["detail"]))
    if response.status in {401, 403}:
        job, policy = _JOBS[method]
        return ApiError(
            response.status,
            f"Your AWS credentials are not allowed to {job} the API. Attach the policy {policy} to them; it is an"
            " output of the stack.",
        )
    return error(response.status, f"The API answers {response.status}.")
