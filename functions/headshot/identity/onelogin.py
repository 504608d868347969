"""OneLogin, by its Users API ("Users API", OneLogin developer documentation)."""

from collections.abc import Mapping
from typing import Any

import urllib3

from headshot.identity.api import Api, Authorization, sole
from headshot.identity.oauth import sign_in
from headshot.identity.settings import Secret, Secrets, Settings


class OneLogin:
    """Keeps the URL in a custom user field. Users are found by their numeric id, else by username or e-mail address."""

    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        self._attribute = settings.attribute or "photo_url"
        self._url = settings.url
        self._api = Api(
            "OneLogin",
            Authorization(secrets, self._sign_in),
            _words,
            {
                400: f'Check that there is a custom user field with the short name "{self._attribute}".',
                401: 'Check the credentials in the secret. Their scope is "Manage users".',
                403: 'Give Headshot\'s API credential the scope "Manage users".',
                404: "Use the OneLogin id, the username or the e-mail address as user id.",
                422: f'Check that there is a custom user field with the short name "{self._attribute}".',
            },
        )

    def read(self, user_id: str) -> str | None:
        """Give the URL that OneLogin holds."""
        user = self._api.call("GET", f"{self._url}/api/2/users/{self._find(user_id)}")
        return (user.get("custom_attributes") or {}).get(self._attribute) or None

    def set(self, user_id: str, url: str) -> None:
        """Make OneLogin hold `url`."""
        # This older call changes the attributes that it names; of the newer one that is not documented.
        change = {"custom_attributes": {self._attribute: url}}
        self._api.call("PUT", f"{self._url}/api/1/users/{self._find(user_id)}/set_custom_attributes", json=change)

    def clear(self, user_id: str) -> None:
        """Make OneLogin hold nothing, which it writes as an empty string."""
        self.set(user_id, "")

    def _find(self, user_id: str) -> str:
        if user_id.isdecimal():
            return user_id
        users = f"{self._url}/api/2/users"
        searches = (self._api.call("GET", users, shape=list, fields={name: user_id}) for name in ("username", "email"))
        return str(sole("OneLogin", user_id, searches)["id"])

    def _sign_in(self, secret: Secret) -> tuple[str, float]:
        basic = urllib3.make_headers(basic_auth=f"{secret['client_id']}:{secret['client_secret']}")
        url = f"{self._url}/auth/oauth2/v2/token"
        return sign_in("OneLogin", url, headers=basic, json={"grant_type": "client_credentials"})


def _words(error: Mapping[str, Any]) -> str | None:
    """Give the message, which version 1 of the API has within "status"."""
    status = error.get("status")
    return status.get("message") if isinstance(status, dict) else error.get("message")
