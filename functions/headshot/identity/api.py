"""What the APIs of all identity providers have in common: what a response means, and how long to wait."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from headshot.identity.authorization import Authorization, Credentials
from headshot.identity.errors import (
    ConfigurationError,
    DeniedError,
    IdentityError,
    PermanentError,
    TransientError,
    UnknownUserError,
)
from headshot.identity.transport import Response, send

# Statuses that concern all users: rejected credentials, a missing scope, a wrong address.
_CONCERNS_EVERYONE = {401, 403, 404}

# What an administrator can do about a status, unless the vendor's own advice says more.
_ADVICE: Mapping[str | int, str] = {401: "Check the credentials in the secret.", 404: "Check IdentityProviderUrl."}


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """What a vendor says in the body of an error: its own code, and a message."""

    code: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Vendor:
    """How a vendor reports errors.

    `parse_error` finds code and message in the JSON of an error. If the JSON is another's, such as a proxy's, it may
    raise AttributeError or TypeError. `unknown_user` is the code for a user who does not exist. `advice` says for a
    code or a status what an administrator can do; it extends what is common to all vendors. `user_codes` are codes that
    concern one user although their status usually concerns everyone.
    """

    name: str
    parse_error: Callable[[Mapping[str, Any]], ErrorBody]
    unknown_user: str
    advice: Mapping[str | int, str]
    user_codes: frozenset[str] = frozenset()


class Api:
    """A vendor's API. It returns values and raises errors instead of returning responses."""

    def __init__(self, vendor: Vendor, authorization: Authorization) -> None:
        self._vendor, self._authorization = vendor, authorization
        self._limited_until = 0.0

    def call(self, method: str, url: str, *, shape: type[Any] = dict, of_user: bool = False, **options: Any) -> Any:
        """Send a request and return the JSON of the response, which is of the type `shape`.

        `of_user` says that `url` is the address of one user.

        Raises
        ------
        TransientError
            If the vendor does not respond, limits requests or fails. Nothing is sent until a rate limit is over.
        UnknownUserError
            If `url` is that of a user, and the vendor's own code says that the user does not exist. Any other 404 says
            nothing about the user: it may come from a proxy, or from a directory that does not exist.
        DeniedError
            If the vendor denies permission.
        ConfigurationError
            If it rejects the credentials even after a new sign-in, or redirects.
        PermanentError
            If it returns any other error.
        """
        seconds = self._limited_until - time.monotonic()
        if seconds > 0:
            raise TransientError(f"{self._vendor.name} is limiting requests.", seconds)
        credentials = self._authorization.credentials()
        response = self._send(credentials, method, url, **options)
        if response.status == HTTPStatus.UNAUTHORIZED:
            if credentials.prover is None or not credentials.prover.learn_api_nonce(response):
                self._authorization.discard(credentials)
            response = self._send(self._authorization.credentials(), method, url, **options)
        if not response.ok:
            raise self._error(response, of_user=of_user)
        if not isinstance(response.json, shape):
            raise TransientError(
                f"{self._vendor.name} answered {response.status}, but not with the JSON of its API. Check"
                " IdentityProviderUrl if this persists."
            )
        return response.json

    def look_up(self, url: str, **options: Any) -> list[dict[str, Any]]:
        """Return the user at `url` in a list, as a search would; an empty list if there is none. Raise as `call`."""
        try:
            return [self.call("GET", url, of_user=True, **options)]
        except UnknownUserError:
            return []

    def _send(self, credentials: Credentials, method: str, url: str, **options: Any) -> Response:
        headers = {"Accept": "application/json", **options.pop("headers", {}), **credentials.headers(method, url)}
        return send(self._vendor.name, method, url, headers=headers, **options)

    def _error(self, response: Response, *, of_user: bool) -> IdentityError:
        body = self._error_body(response)
        text = f"{self._vendor.name} answered {response.summary}"
        if body.message:
            text = f"{text}: {body.message}"
        text = f"{text.rstrip('.')}."
        if response.rate_limited:
            self._limited_until = time.monotonic() + (response.retry_after or 1)
        if response.transient:
            return TransientError(text, response.retry_after)
        if response.redirect:
            return ConfigurationError(f"{text} Check IdentityProviderUrl.")
        text = f"{text} {self._advice(body.code, response.status)}".rstrip()
        if of_user and response.status == HTTPStatus.NOT_FOUND and body.code == self._vendor.unknown_user:
            return UnknownUserError(text)
        if response.status in _CONCERNS_EVERYONE and body.code not in self._vendor.user_codes:
            denied = response.status == HTTPStatus.FORBIDDEN
            return DeniedError(text) if denied else ConfigurationError(text)
        return PermanentError(text)

    def _error_body(self, response: Response) -> ErrorBody:
        """Return what the vendor says in the body of an error, nothing if the body is another's, such as a proxy's."""
        try:
            body = self._vendor.parse_error(response.json)
        except (AttributeError, TypeError):
            return ErrorBody()
        return body if isinstance(body.code, str) else ErrorBody(message=body.message)

    def _advice(self, code: str | None, status: int) -> str:
        advice = {**_ADVICE, **self._vendor.advice}
        if code is not None and code in advice:
            return advice[code]
        return advice.get(status, "")


def exactly_one(vendor: str, user_id: str, users: list[dict[str, Any]]) -> str:
    """Return the id of the only user in `users`, which are those found for `user_id`.

    Raises
    ------
    UnknownUserError
        If `users` is empty.
    PermanentError
        If there are several users.
    """
    if not users:
        raise UnknownUserError(
            f"{vendor} has no user {user_id}. If the account does not appear within a day, upload the photo under the"
            f" user's id, login or e-mail address in {vendor}."
        )
    if len(users) > 1:
        raise PermanentError(
            f"{vendor} has {len(users)} users called {user_id}. Upload the photo under the user's id in {vendor}."
        )
    return str(users[0]["id"])
