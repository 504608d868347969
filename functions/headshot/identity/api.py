"""What the APIs of all identity providers have in common: what an answer means, and how long to wait."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from headshot.identity.authorization import Authorization, Credentials
from headshot.identity.errors import ConfigurationError, PermanentError, TransientError, UnknownUserError
from headshot.identity.transport import Answer, exchange

# Statuses that say nothing about the one user: rejected credentials, a missing scope, a wrong address.
_ABOUT_EVERYBODY = {401, 403, 404}


@dataclass(frozen=True, slots=True)
class Failure:
    """What a vendor says in the body of an error: its own code, and its explanation in words."""

    code: str | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Vendor:
    """How a vendor speaks of errors.

    `read` finds its code and words in the JSON of an error. `unknown_user` is the code that says that there is no such
    user. `advice` tells for a code or a status what an administrator can do about it. The codes `about_one_user` have a
    status that otherwise concerns everybody.
    """

    name: str
    read: Callable[[Mapping[str, Any]], Failure]
    unknown_user: str
    advice: Mapping[str | int, str]
    about_one_user: frozenset[str] = frozenset()


class Api:
    """A vendor's API, whose answers become values or errors."""

    def __init__(self, vendor: Vendor, authorization: Authorization) -> None:
        self._vendor, self._authorization = vendor, authorization
        self._resumes = 0.0

    def call(self, method: str, url: str, *, shape: type[Any] = dict, of_user: bool = False, **options: Any) -> Any:
        """Send a request and return the JSON of the answer, which is of type `shape`.

        Raises
        ------
        TransientError
            If the vendor does not answer, is limiting requests or fails. Until a rate limit is over, nothing is sent.
        UnknownUserError
            If `url` is that `of_user`, and the vendor's own code says that there is no such user. Any other 404 says
            nothing of the user: it may come from a proxy, or from a directory that does not exist.
        ConfigurationError
            If it rejects the credentials even after signing in again, or the permission, or redirects.
        PermanentError
            If it answers with any other error.
        """
        if (seconds := self._resumes - time.monotonic()) > 0:
            raise TransientError(f"{self._vendor.name} is limiting requests.", seconds)
        credentials = self._authorization.credentials()
        answer = self._exchange(credentials, method, url, **options)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            prover = credentials.prover
            if not (prover and prover.learn(answer, of_token_endpoint=False)):
                self._authorization.renew(credentials)
            answer = self._exchange(self._authorization.credentials(), method, url, **options)
        if answer.status not in range(200, 300):
            raise self._error(answer, of_user=of_user)
        if not isinstance(answer.value, shape):
            raise TransientError(
                f"{self._vendor.name} answered {answer.status} with something that is not its API's JSON."
            )
        return answer.value

    def look_up(self, url: str, **options: Any) -> list[dict[str, Any]]:
        """Return the one user whose URL this is, or an empty list, as a search would. Raises what `call` does."""
        try:
            return [self.call("GET", url, of_user=True, **options)]
        except UnknownUserError:
            return []

    def _exchange(self, credentials: Credentials, method: str, url: str, **options: Any) -> Answer:
        headers = {"Accept": "application/json", **options.pop("headers", {}), **credentials.headers(method, url)}
        return exchange(self._vendor.name, method, url, headers=headers, **options)

    def _error(self, answer: Answer, *, of_user: bool) -> Exception:
        failure = self._vendor.read(answer.value) if isinstance(answer.value, dict) else Failure()
        said = f": {failure.words}" if failure.words else ""
        text = f"{self._vendor.name} answered {answer.summary}{said}".rstrip(".") + "."
        wait = answer.wait()
        if answer.limited:
            self._resumes = time.monotonic() + (wait or 1)
        if answer.transient:
            return TransientError(text, wait)
        advice = self._vendor.advice
        text = f"{text} {advice.get(failure.code or '', advice.get(answer.status, ''))}".rstrip()
        if answer.status in range(300, 400):
            return ConfigurationError(f"{text} Check IdentityProviderUrl.")
        if of_user and answer.status == HTTPStatus.NOT_FOUND and failure.code == self._vendor.unknown_user:
            return UnknownUserError(text)
        if answer.status in _ABOUT_EVERYBODY and failure.code not in self._vendor.about_one_user:
            return ConfigurationError(text)
        return PermanentError(text)


def exactly_one(vendor: str, user_id: str, searches: Iterable[list[dict[str, Any]]]) -> str:
    """Return the id of the one user that the first search with any result has found.

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
            f"{vendor} knows nobody as {user_id}. If the account does not appear within a day, upload the photo under"
            f" the id, the login or the e-mail address that {vendor} has."
        )
    if len(found) > 1:
        raise PermanentError(
            f"{vendor} knows {len(found)} users as {user_id}. Upload the photo under the id that {vendor} has."
        )
    return str(found[0]["id"])
