"""OneLogin, through its Users API ("Users API", OneLogin developer documentation)."""

from collections.abc import Mapping
from typing import Any

import urllib3

from headshot.identity.api import Api, ErrorBody, Vendor, exactly_one
from headshot.identity.authorization import Authorization, Credentials
from headshot.identity.errors import UnknownUserError
from headshot.identity.oauth import sign_in
from headshot.identity.settings import Secret, Secrets, Settings


class OneLogin:
    """Keeps the URL in a custom user field. Users are found by username, e-mail address or numeric id."""

    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        self._attribute = settings.attribute or "photo_url"
        self._url = settings.url
        check_field = f'Check that there is a custom user field with the short name "{self._attribute}".'
        vendor = Vendor(
            "OneLogin",
            _parse_error,
            unknown_user="404",
            advice={
                400: check_field,
                403: 'Give Headshot\'s API credential the scope "Manage users".',
                422: check_field,
            },
        )
        self._api = Api(vendor, Authorization(secrets, self._sign_in))

    def find(self, user_id: str) -> str:
        """Return the OneLogin id of the user with this username, e-mail address or OneLogin id."""
        users = self._search("username", user_id)
        if not users and "@" in user_id:
            users = self._search("email", user_id)
        if not users and user_id.isdecimal():  # last, since a username may consist of digits
            users = self._api.look_up(self._address(user_id))
        return exactly_one("OneLogin", user_id, users)

    def photo_url(self, identity_id: str) -> str | None:
        """Return the URL in the user's custom field."""
        user = self._api.call("GET", self._address(identity_id), of_user=True)
        return (user.get("custom_attributes") or {}).get(self._attribute) or None

    def set(self, identity_id: str, url: str) -> None:
        """Write `url` into the user's custom field."""
        # This older call keeps the other custom fields. Whether the newer one does is not documented.
        address = f"{self._address(identity_id, version=1)}/set_custom_attributes"
        self._api.call("PUT", address, of_user=True, json={"custom_attributes": {self._attribute: url}})

    def clear(self, identity_id: str) -> None:
        """Clear the user's custom field; in OneLogin, it becomes an empty string."""
        self.set(identity_id, "")

    def _search(self, attribute: str, value: str) -> list[dict[str, Any]]:
        users: list[dict[str, Any]] = self._api.call(
            "GET", f"{self._url}/api/2/users", shape=list, fields={attribute: value}
        )
        return users

    def _address(self, identity_id: str, version: int = 2) -> str:
        if not identity_id.isdecimal():  # the id of another identity provider, which the stack used before
            raise UnknownUserError(f"OneLogin has no user with the id {identity_id}.")
        return f"{self._url}/api/{version}/users/{identity_id}"

    def _sign_in(self, secret: Secret) -> Credentials:
        basic = urllib3.make_headers(basic_auth=f"{secret['client_id']}:{secret['client_secret']}")
        url = f"{self._url}/auth/oauth2/v2/token"
        return sign_in("OneLogin", url, lambda: {"headers": basic, "json": {"grant_type": "client_credentials"}})


def _parse_error(error: Mapping[str, Any]) -> ErrorBody:
    """Return status and message, which version 1 of the API has within "status". OneLogin has no codes of its own."""
    status = error.get("status")
    if isinstance(status, dict):
        return ErrorBody(str(status.get("code")), status.get("message"))
    return ErrorBody(str(error.get("statusCode")), error.get("message"))
