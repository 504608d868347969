"""What the APIs of all identity providers have in common: signing in, what can pass, how long to wait."""

import time
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from threading import Lock
from typing import Any

from headshot.identity.errors import PermanentError, TransientError, UnknownUserError
from headshot.identity.settings import Secret, Secrets
from headshot.identity.transport import Answer, exchange

SignIn = Callable[[Secret], tuple[str, float]]

# 409 is Okta's E0000112 and others' "changed at the same moment"; 509 is Graph's "Bandwidth Limit Exceeded"
# ("Microsoft Graph error responses and resource types").
_PASSING = {408, 409, 500, 502, 503, 504, 509}

# A token is renewed this many seconds before it ends, so that it does not end on its way.
_MARGIN = 60


class Authorization:
    """The `Authorization` header, made by `sign_in` from the secret and kept for as long as it holds.

    `sign_in` gives the header and the seconds for which it holds. The secret is read each time, so that a rotated one
    is taken up without a new deployment.
    """

    def __init__(self, secrets: Secrets, sign_in: SignIn) -> None:
        self._secrets, self._sign_in = secrets, sign_in
        self._lock = Lock()
        self._header, self._ends = "", 0.0

    def header(self) -> str:
        """Give the header, signing in if need be."""
        with self._lock:
            if time.monotonic() >= self._ends:
                self._header, seconds = self._sign_in(self._secrets())
                self._ends = time.monotonic() + seconds - _MARGIN
            return self._header

    def renew(self, refused: str) -> None:
        """Sign in again before the next request, unless that has happened since `refused` was given."""
        with self._lock:
            if self._header == refused:
                self._ends = 0


class Api:
    """A vendor's API, whose answers become values or errors.

    `words` finds the vendor's own explanation in the body of an error; `advice` tells for a status what an
    administrator can do about it.
    """

    def __init__(
        self, vendor: str, authorization: Authorization, words: Callable[[Any], str | None], advice: Mapping[int, str]
    ) -> None:
        self._vendor, self._authorization, self._words, self._advice = vendor, authorization, words, advice
        self._resumes = 0.0

    def call(self, method: str, url: str, *, shape: type[Any] = dict, **options: Any) -> Any:
        """Send a request and give the JSON of the answer, which is of type `shape`.

        Raises
        ------
        TransientError
            If the vendor does not answer, is limiting requests or fails. Until a rate limit is over, nothing is sent.
        UnknownUserError
            If the vendor answers 404.
        PermanentError
            If it answers with any other error.
        """
        if (seconds := self._resumes - time.monotonic()) > 0:
            raise TransientError(f"{self._vendor} is limiting requests.", seconds)
        header = self._authorization.header()
        answer = self._exchange(header, method, url, **options)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            self._authorization.renew(header)
            answer = self._exchange(self._authorization.header(), method, url, **options)
        if answer.status not in range(200, 300):
            raise self._error(answer)
        if not isinstance(answer.value, shape):
            raise TransientError(f"{self._vendor} answered {answer.status} with something that is not its API's JSON.")
        return answer.value

    def _exchange(self, header: str, method: str, url: str, **options: Any) -> Answer:
        headers = {"Accept": "application/json", **options.pop("headers", {}), "Authorization": header}
        return exchange(self._vendor, method, url, headers=headers, **options)

    def _error(self, answer: Answer) -> Exception:
        status, wait = answer.status, answer.wait()
        words = self._words(answer.value) if isinstance(answer.value, dict) else None
        text = f"{self._vendor} answered {status}{f': {words}' if words else ''}".rstrip(".") + "."
        if answer.limited:
            self._resumes = time.monotonic() + (wait or 1)
        if answer.limited or status in _PASSING:
            return TransientError(text, wait)
        kind = UnknownUserError if status == HTTPStatus.NOT_FOUND else PermanentError
        return kind(f"{text} {self._advice.get(status, '')}".rstrip())


def sole(vendor: str, user_id: str, searches: Iterable[list[dict[str, Any]]]) -> dict[str, Any]:
    """Give the one user that the first search with any result has found.

    Raises
    ------
    UnknownUserError
        If no search has found anybody.
    PermanentError
        If it has found several users.
    """
    found = next(filter(None, searches), [])
    if not found:
        raise UnknownUserError(
            f"{vendor} knows nobody as {user_id}. Upload the photo under the id that {vendor} has, or the login."
        )
    if len(found) > 1:
        raise PermanentError(
            f"{vendor} knows {len(found)} users as {user_id}. Upload the photo under the id that {vendor} has."
        )
    return found[0]
