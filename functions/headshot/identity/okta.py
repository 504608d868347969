"""Okta, through its Users API ("Users", Okta developer documentation)."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from headshot.identity.api import Api, ErrorBody, Vendor, exactly_one
from headshot.identity.authorization import Authorization, Credentials
from headshot.identity.dpop import Prover
from headshot.identity.errors import PermanentError
from headshot.identity.oauth import client_assertion, sign_in
from headshot.identity.settings import Secret, Secrets, Settings

_DEACTIVATED_USER = "E0000038"
_SCOPES = "okta.users.manage okta.users.read"


class Okta:
    """Keeps the URL in an attribute of the Okta user profile. Users are found by id, login or e-mail address."""

    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        self._attribute = settings.attribute or "primaryPhotoValue"
        self._users = f"{settings.url}/api/v1/users"
        self._token_url = f"{settings.url}/oauth2/v1/token"
        self._prover = Prover()  # new service apps require proof of possession
        vendor = Vendor(
            "Okta",
            _parse_error,
            unknown_user="E0000007",
            advice={
                400: f'Check that the Okta user profile has the string attribute "{self._attribute}" (Profile Editor).',
                403: "Grant Headshot's app the scope okta.users.manage and an admin role that covers this user.",
                _DEACTIVATED_USER: (
                    "Okta does not change deactivated users. Erase people before you deactivate them, or enable Edit"
                    " Deactivated User Profile Updates (Directory, People, More actions); then run headshot retry."
                ),
            },
            user_codes=frozenset({_DEACTIVATED_USER}),
        )
        self._api = Api(vendor, Authorization(secrets, self._sign_in))

    def find(self, user_id: str) -> str:
        """Return the Okta id of the user with this id, login or e-mail address.

        An active account has precedence over deactivated ones, which people leave behind when they are rehired.
        """
        users = self._find_by_id_or_login(user_id)
        if not _active(users) and "@" in user_id:
            users += self._search("filter", f'profile.email eq "{user_id}"')
        # Unlike a filter, a search is case-insensitive. It goes last because it lags behind changes.
        if not _active(users) and "@" in user_id:
            users += self._search("search", f'profile.email eq "{user_id}"')
        distinct = {user["id"]: user for user in users}
        return exactly_one("Okta", user_id, _active(users) or list(distinct.values()))

    def photo_url(self, identity_id: str) -> str | None:
        """Return the URL in the user's profile."""
        return self._photo_url(self._api.call("GET", self._address(identity_id), of_user=True))

    def set(self, identity_id: str, url: str) -> None:
        """Write `url` into the user's profile."""
        self._write(identity_id, url)

    def clear(self, identity_id: str) -> None:
        """Remove the attribute from the user's profile."""
        self._write(identity_id, None)

    def _write(self, identity_id: str, url: str | None) -> None:
        # POST changes only the attributes that it names; PUT would clear the rest of the profile.
        change = {"profile": {self._attribute: url}}
        user = self._api.call("POST", self._address(identity_id), of_user=True, json=change)
        if self._photo_url(user) != url:
            raise PermanentError(
                f'Okta did not keep the URL. Check that Okta is the source of the attribute "{self._attribute}".'
            )

    def _photo_url(self, user: Mapping[str, Any]) -> str | None:
        return user.get("profile", {}).get(self._attribute) or None

    def _find_by_id_or_login(self, user_id: str) -> list[dict[str, Any]]:
        if user_id.lower() == "me":  # in a path, this is the user whom the token belongs to
            return self._search("filter", f'profile.login eq "{user_id}"')
        return self._api.look_up(self._address(user_id))

    def _search(self, kind: str, condition: str) -> list[dict[str, Any]]:
        users: list[dict[str, Any]] = self._api.call("GET", self._users, shape=list, fields={kind: condition})
        return users

    def _address(self, user_id: str) -> str:
        # "@" is not encoded: a proof of possession contains the URL, which must be the same before and after decoding.
        return f"{self._users}/{quote(user_id, safe='@')}"

    def _sign_in(self, secret: Secret) -> Credentials:
        if "api_token" in secret:
            return Credentials("SSWS", secret["api_token"], 3600)
        return sign_in("Okta", self._token_url, partial(self._token_request, secret), self._prover)

    def _token_request(self, secret: Secret) -> dict[str, Any]:
        """Return a request for a token, with a new assertion: each can be used only once."""
        headers = {"kid": secret["key_id"]} if "key_id" in secret else {}
        assertion = client_assertion(self._token_url, secret["client_id"], secret["private_key"], "RS256", headers)
        form = {"grant_type": "client_credentials", "scope": _SCOPES, **assertion}
        return {"fields": form, "encode_multipart": False}


def _active(users: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [user for user in users if user.get("status") != "DEPROVISIONED"]


def _parse_error(error: Mapping[str, Any]) -> ErrorBody:
    """Return the error's code, and its summary with its causes ("Okta API error codes")."""
    causes = [cause.get("errorSummary", "") for cause in error.get("errorCauses", [])]
    return ErrorBody(error.get("errorCode"), "; ".join([error.get("errorSummary", ""), *causes]) or None)
