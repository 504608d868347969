"""PingOne, by its Platform API ("Users", PingOne Platform API reference)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import urllib3

from headshot.identity.api import Api, Failure, Vendor, exactly_one
from headshot.identity.authorization import Authorization, Credentials
from headshot.identity.errors import PermanentError, UnknownUserError
from headshot.identity.oauth import sign_in
from headshot.identity.settings import Secret, Secrets, Settings

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class PingOne:
    """Keeps the URL in the standard attribute photo, or in a custom one. Users are found by id, username or e-mail."""

    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        self._attribute = settings.attribute or "photo"
        self._users = f"{settings.url}/users"
        self._token_url = settings.token_url
        vendor = Vendor(
            "PingOne",
            _failure,
            "NOT_FOUND",
            {
                400: f'Check that users have the attribute "{self._attribute}".',
                401: "Check the credentials in the secret.",
                403: "Give Headshot's worker application the role Identity Data Admin in this environment.",
                404: "Check IdentityProviderUrl.",
            },
        )
        self._api = Api(vendor, Authorization(secrets, self._sign_in))

    def find(self, user_id: str) -> str:
        """Return the PingOne id of a user, found by username, e-mail address or that id."""
        return exactly_one("PingOne", user_id, self._searches(user_id))

    def read(self, identity_id: str) -> str | None:
        """Return the URL that PingOne holds."""
        return self._held(self._api.call("GET", self._address(identity_id), of_user=True))

    def set(self, identity_id: str, url: str) -> None:
        """Make PingOne hold `url`."""
        self._write(identity_id, url)

    def clear(self, identity_id: str) -> None:
        """Make PingOne hold nothing."""
        self._write(identity_id, None)

    def _write(self, identity_id: str, url: str | None) -> None:
        value = {"href": url} if url and self._attribute == "photo" else url
        user = self._api.call("PATCH", self._address(identity_id), of_user=True, json={self._attribute: value})
        if self._held(user) != url:
            raise PermanentError(
                f'PingOne did not keep the URL. Check that users have the attribute "{self._attribute}".'
            )

    def _held(self, user: Mapping[str, Any]) -> str | None:
        value = user.get(self._attribute)
        return value.get("href") if isinstance(value, dict) else value

    def _searches(self, user_id: str) -> Iterator[list[dict[str, Any]]]:
        # A search first: only it tells a user who does not exist from an environment that does not.
        for name in ("username", "email") if "@" in user_id else ("username",):
            yield self._search(f'{name} eq "{user_id}"')
        if _UUID.fullmatch(user_id):
            yield self._api.look_up(self._address(user_id))

    def _address(self, identity_id: str) -> str:
        if not _UUID.fullmatch(identity_id):  # kept from a time with another identity provider
            raise UnknownUserError(f"PingOne has no user with the id {identity_id}.")
        return f"{self._users}/{identity_id}"

    def _search(self, condition: str) -> list[Any]:
        found: list[Any] = (
            self._api.call("GET", self._users, fields={"filter": condition}).get("_embedded", {}).get("users", [])
        )
        return found

    def _sign_in(self, secret: Secret) -> Credentials:
        basic = urllib3.make_headers(basic_auth=f"{secret['client_id']}:{secret['client_secret']}")
        request = {"headers": basic, "fields": {"grant_type": "client_credentials"}, "encode_multipart": False}
        return sign_in("PingOne", self._token_url, lambda: request)


def _failure(error: Mapping[str, Any]) -> Failure:
    """Return the code, and the message with its details ("Error codes")."""
    details = [detail.get("message", "") for detail in error.get("details") or []]
    return Failure(error.get("code"), " ".join([error.get("message", ""), *details]) or None)
