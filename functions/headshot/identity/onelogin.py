"""OneLogin, by its Users API ("Users API", OneLogin developer documentation)."""

from collections.abc import Iterator, Mapping
from typing import Any

import urllib3

from headshot.identity.api import Api, Failure, Vendor, exactly_one
from headshot.identity.authorization import Authorization, Credentials
from headshot.identity.errors import UnknownUserError
from headshot.identity.oauth import sign_in
from headshot.identity.settings import Secret, Secrets, Settings


class OneLogin:
    """Keeps the URL in a custom user field. Users are found by username, e-mail address or numeric id."""

    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        self._attribute = settings.attribute or "photo_url"
        self._url = settings.url
        vendor = Vendor(
            "OneLogin",
            _failure,
            "404",
            {
                400: f'Check that there is a custom user field with the short name "{self._attribute}".',
                401: 'Check the credentials in the secret. Their scope is "Manage users".',
                403: 'Give Headshot\'s API credential the scope "Manage users".',
                404: "Check IdentityProviderUrl.",
                422: f'Check that there is a custom user field with the short name "{self._attribute}".',
            },
        )
        self._api = Api(vendor, Authorization(secrets, self._sign_in))

    def find(self, user_id: str) -> str:
        """Return the OneLogin id of a user, found by username, e-mail address or that id."""
        return exactly_one("OneLogin", user_id, self._searches(user_id))

    def read(self, identity_id: str) -> str | None:
        """Return the URL that OneLogin holds."""
        user = self._api.call("GET", self._address(identity_id), of_user=True)
        return (user.get("custom_attributes") or {}).get(self._attribute) or None

    def set(self, identity_id: str, url: str) -> None:
        """Make OneLogin hold `url`."""
        # This older call changes the attributes that it names; of the newer one that is not documented.
        address = f"{self._address(identity_id, version=1)}/set_custom_attributes"
        self._api.call("PUT", address, of_user=True, json={"custom_attributes": {self._attribute: url}})

    def clear(self, identity_id: str) -> None:
        """Make OneLogin hold nothing, which it writes as an empty string."""
        self.set(identity_id, "")

    def _searches(self, user_id: str) -> Iterator[list[dict[str, Any]]]:
        for name in ("username", "email") if "@" in user_id else ("username",):
            yield self._api.call("GET", f"{self._url}/api/2/users", shape=list, fields={name: user_id})
        # Last, since a username may be all digits.
        if user_id.isdecimal():
            yield self._api.look_up(self._address(user_id))

    def _address(self, identity_id: str, version: int = 2) -> str:
        if not identity_id.isdecimal():  # kept from a time with another identity provider
            raise UnknownUserError(f"OneLogin has no user with the id {identity_id}.")
        return f"{self._url}/api/{version}/users/{identity_id}"

    def _sign_in(self, secret: Secret) -> Credentials:
        basic = urllib3.make_headers(basic_auth=f"{secret['client_id']}:{secret['client_secret']}")
        url = f"{self._url}/auth/oauth2/v2/token"
        return sign_in("OneLogin", url, lambda: {"headers": basic, "json": {"grant_type": "client_credentials"}})


def _failure(error: Mapping[str, Any]) -> Failure:
    """Return status and message, which version 1 of the API has within "status"; it has no codes of its own."""
    status = error.get("status")
    if isinstance(status, dict):
        return Failure(str(status.get("code")), status.get("message"))
    return Failure(str(error.get("statusCode")), error.get("message"))
