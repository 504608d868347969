"""PingOne, by its Platform API ("Users", PingOne Platform API reference)."""

import re
from collections.abc import Mapping
from typing import Any

import urllib3

from headshot.identity.api import Api, Authorization, sole
from headshot.identity.errors import PermanentError
from headshot.identity.oauth import sign_in
from headshot.identity.settings import Secret, Secrets, Settings

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class PingOne:
    """Keeps the URL in the standard attribute photo, or in a custom one. Users are found by id, username or e-mail."""

    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        self._attribute = settings.attribute or "photo"
        self._users = f"{settings.url}/users"
        self._token_url = settings.token_url
        self._api = Api(
            "PingOne",
            Authorization(secrets, self._sign_in),
            _words,
            {
                400: f'Check that users have the attribute "{self._attribute}".',
                401: "Check the credentials in the secret.",
                403: "Give Headshot's worker application the role Identity Data Admin in this environment.",
                404: "Use the PingOne id, the username or the e-mail address as user id.",
            },
        )

    def read(self, user_id: str) -> str | None:
        """Give the URL that PingOne holds."""
        return self._held(self._api.call("GET", f"{self._users}/{self._find(user_id)}"))

    def set(self, user_id: str, url: str) -> None:
        """Make PingOne hold `url`."""
        self._write(user_id, url)

    def clear(self, user_id: str) -> None:
        """Make PingOne hold nothing."""
        self._write(user_id, None)

    def _write(self, user_id: str, url: str | None) -> None:
        value = {"href": url} if url and self._attribute == "photo" else url
        user = self._api.call("PATCH", f"{self._users}/{self._find(user_id)}", json={self._attribute: value})
        if self._held(user) != url:
            raise PermanentError(
                f'PingOne did not keep the URL. Check that users have the attribute "{self._attribute}".'
            )

    def _held(self, user: Mapping[str, Any]) -> str | None:
        value = user.get(self._attribute)
        return value.get("href") if isinstance(value, dict) else value

    def _find(self, user_id: str) -> str:
        if _UUID.fullmatch(user_id):
            return user_id
        searches = (self._search(f'{name} eq "{user_id}"') for name in ("username", "email"))
        return str(sole("PingOne", user_id, searches)["id"])

    def _search(self, condition: str) -> list[Any]:
        found: list[Any] = (
            self._api.call("GET", self._users, fields={"filter": condition}).get("_embedded", {}).get("users", [])
        )
        return found

    def _sign_in(self, secret: Secret) -> tuple[str, float]:
        basic = urllib3.make_headers(basic_auth=f"{secret['client_id']}:{secret['client_secret']}")
        form = {"grant_type": "client_credentials"}
        return sign_in("PingOne", self._token_url, headers=basic, fields=form, encode_multipart=False)


def _words(error: Mapping[str, Any]) -> str | None:
    """Give the message with its details ("Error codes")."""
    details = [detail.get("message", "") for detail in error.get("details") or []]
    return " ".join([error.get("message", ""), *details]) or None
