"""PingOne, through its Platform API ("Users", PingOne Platform API reference)."""

import re
from collections.abc import Mapping
from typing import Any

import urllib3

from headshot.identity.api import Api, ErrorBody, Vendor, exactly_one
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
            _parse_error,
            unknown_user="NOT_FOUND",
            advice={
                400: f'Check that users have the attribute "{self._attribute}".',
                403: "Give Headshot's worker application the role Identity Data Admin in this environment.",
            },
        )
        self._api = Api(vendor, Authorization(secrets, self._sign_in))

    def find(self, user_id: str) -> str:
        """Return the PingOne id of the user with this username, e-mail address or PingOne id."""
        # Search first: only a search distinguishes a missing user from a missing environment.
        users = self._search("username", user_id)
        if not users and "@" in user_id:
            users = self._search("email", user_id)
        if not users and _UUID.fullmatch(user_id):
            users = self._api.look_up(self._address(user_id))
        return exactly_one("PingOne", user_id, users)

    def photo_url(self, identity_id: str) -> str | None:
        """Return the URL in the user's attribute."""
        return self._photo_url(self._api.call("GET", self._address(identity_id), of_user=True))

    def set(self, identity_id: str, url: str) -> None:
        """Write `url` into the user's attribute."""
        self._write(identity_id, url)

    def clear(self, identity_id: str) -> None:
        """Set the user's attribute to null."""
        self._write(identity_id, None)

    def _write(self, identity_id: str, url: str | None) -> None:
        value = {"href": url} if url and self._attribute == "photo" else url
        user = self._api.call("PATCH", self._address(identity_id), of_user=True, json={self._attribute: value})
        if self._photo_url(user) != url:
            raise PermanentError(
                f'PingOne did not keep the URL. Check that users have the attribute "{self._attribute}".'
            )

    def _photo_url(self, user: Mapping[str, Any]) -> str | None:
        value = user.get(self._attribute)
        return value.get("href") if isinstance(value, dict) else value

    def _search(self, attribute: str, value: str) -> list[dict[str, Any]]:
        response = self._api.call("GET", self._users, fields={"filter": f'{attribute} eq "{value}"'})
        users: list[dict[str, Any]] = response.get("_embedded", {}).get("users", [])
        return users

    def _address(self, identity_id: str) -> str:
        if not _UUID.fullmatch(identity_id):  # the id of another identity provider, which the stack used before
            raise UnknownUserError(f"PingOne has no user with the id {identity_id}.")
        return f"{self._users}/{identity_id}"

    def _sign_in(self, secret: Secret) -> Credentials:
        basic = urllib3.make_headers(basic_auth=f"{secret['client_id']}:{secret['client_secret']}")
        request = {"headers": basic, "fields": {"grant_type": "client_credentials"}, "encode_multipart": False}
        return sign_in("PingOne", self._token_url, lambda: request)


def _parse_error(error: Mapping[str, Any]) -> ErrorBody:
    """Return the code, and the message with its details ("Error codes")."""
    details = [detail.get("message", "") for detail in error.get("details") or []]
    return ErrorBody(error.get("code"), " ".join([error.get("message", ""), *details]) or None)
