"""Okta, by its Users API ("Users", Okta developer documentation)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from headshot.identity.api import Api, Authorization, sole
from headshot.identity.errors import PermanentError, UnknownUserError
from headshot.identity.oauth import client_assertion, sign_in
from headshot.identity.settings import Secret, Secrets, Settings

_SCOPES = "okta.users.manage okta.users.read"


class Okta:
    """Keeps the URL in an attribute of the Okta user profile. Users are found by id or login, else by e-mail."""

    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        self._attribute = settings.attribute or "primaryPhotoValue"
        self._users = f"{settings.url}/api/v1/users"
        self._token_url = f"{settings.url}/oauth2/v1/token"
        self._api = Api(
            "Okta",
            Authorization(secrets, self._sign_in),
            _words,
            {
                400: f'Check that the Okta user profile has the string attribute "{self._attribute}" (Profile Editor).',
                401: "Check the credentials in the secret.",
                403: "Give Headshot's app the scope okta.users.manage, and an admin role that covers this user.",
                404: "Use the Okta id, the login or the e-mail address as user id.",
            },
        )

    def read(self, user_id: str) -> str | None:
        """Give the URL that Okta holds."""
        return self._held(self._call("GET", user_id))

    def set(self, user_id: str, url: str) -> None:
        """Make Okta hold `url`."""
        self._write(user_id, url)

    def clear(self, user_id: str) -> None:
        """Make Okta hold nothing."""
        self._write(user_id, None)

    def _write(self, user_id: str, value: str | None) -> None:
        # POST changes what it names; PUT would clear the rest of the profile.
        user = self._call("POST", user_id, json={"profile": {self._attribute: value}})
        if self._held(user) != value:
            raise PermanentError(
                f'Okta did not keep the URL. Check that it is the master of the attribute "{self._attribute}".'
            )

    def _held(self, user: Mapping[str, Any]) -> str | None:
        held: str | None = user.get("profile", {}).get(self._attribute)
        return held or None

    def _call(self, method: str, user_id: str, **options: Any) -> Any:
        try:
            return self._api.call(method, f"{self._users}/{quote(user_id, safe='')}", **options)
        except UnknownUserError:
            if "@" not in user_id:
                raise
        query = {"filter": f'profile.email eq "{user_id}"'}
        user = sole("Okta", user_id, [self._api.call("GET", self._users, shape=list, fields=query)])
        return self._api.call(method, f"{self._users}/{user['id']}", **options)

    def _sign_in(self, secret: Secret) -> tuple[str, float]:
        if "api_token" in secret:
            return f"SSWS {secret['api_token']}", 3600
        headers = {"kid": secret["key_id"]} if "key_id" in secret else {}
        assertion = client_assertion(self._token_url, secret["client_id"], secret["private_key"], "RS256", headers)
        form = {"grant_type": "client_credentials", "scope": _SCOPES, **assertion}
        return sign_in("Okta", self._token_url, fields=form, encode_multipart=False)


def _words(error: Mapping[str, Any]) -> str | None:
    """Give the error's summary with its causes ("Okta API error codes")."""
    causes = [cause.get("errorSummary", "") for cause in error.get("errorCauses", [])]
    return "; ".join([error.get("errorSummary", ""), *causes]) or None
