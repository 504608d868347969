"""Okta, by its Users API ("Users", Okta developer documentation)."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from headshot.identity.api import Api, Failure, Vendor, exactly_one
from headshot.identity.authorization import Authorization, Credentials
from headshot.identity.dpop import Prover
from headshot.identity.errors import PermanentError
from headshot.identity.oauth import client_assertion, sign_in
from headshot.identity.settings import Secret, Secrets, Settings

_DEACTIVATED = "DEPROVISIONED"
_SCOPES = "okta.users.manage okta.users.read"


class Okta:
    """Keeps the URL in an attribute of the Okta user profile. Users are found by id, login or e-mail address."""

    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        self._attribute = settings.attribute or "primaryPhotoValue"
        self._users = f"{settings.url}/api/v1/users"
        self._token_url = f"{settings.url}/oauth2/v1/token"
        self._prover = Prover()  # new service apps demand proof of possession
        vendor = Vendor(
            "Okta",
            _failure,
            "E0000007",
            {
                400: f'Check that the Okta user profile has the string attribute "{self._attribute}" (Profile Editor).',
                401: "Check the credentials in the secret.",
                403: "Give Headshot's app the scope okta.users.manage, and an admin role that covers this user.",
                404: "Check IdentityProviderUrl.",
                "E0000038": (
                    "Okta does not change deactivated users. Erase people before you deactivate them, or enable Edit"
                    " Deactivated User Profile Updates (Directory, People, More actions); then run headshot retry."
                ),
            },
            about_one_user=frozenset({"E0000038"}),
        )
        self._api = Api(vendor, Authorization(secrets, self._sign_in))

    def find(self, user_id: str) -> str:
        """Return the Okta id of a user, found by id or login, else by e-mail address."""
        return exactly_one("Okta", user_id, self._searches(user_id))

    def read(self, identity_id: str) -> str | None:
        """Return the URL that Okta holds."""
        return self._held(self._api.call("GET", self._address(identity_id), of_user=True))

    def set(self, identity_id: str, url: str) -> None:
        """Make Okta hold `url`."""
        self._write(identity_id, url)

    def clear(self, identity_id: str) -> None:
        """Make Okta hold nothing."""
        self._write(identity_id, None)

    def _write(self, identity_id: str, value: str | None) -> None:
        # POST changes what it names; PUT would clear the rest of the profile.
        change = {"profile": {self._attribute: value}}
        user = self._api.call("POST", self._address(identity_id), of_user=True, json=change)
        if self._held(user) != value:
            raise PermanentError(
                f'Okta did not keep the URL. Check that it is the master of the attribute "{self._attribute}".'
            )

    def _held(self, user: Mapping[str, Any]) -> str | None:
        held: str | None = user.get("profile", {}).get(self._attribute)
        return held or None

    def _searches(self, user_id: str) -> Iterator[list[dict[str, Any]]]:
        """Yield the results of each search, first without the deactivated accounts of people who were rehired."""
        deactivated: dict[str, dict[str, Any]] = {}
        for found in self._all(user_id):
            yield [user for user in found if user.get("status") != _DEACTIVATED]
            deactivated |= {user["id"]: user for user in found if user.get("status") == _DEACTIVATED}
        yield list(deactivated.values())

    def _all(self, user_id: str) -> Iterator[list[dict[str, Any]]]:
        if user_id.lower() == "me":  # which in a path stands for whom the token belongs to
            yield self._search("filter", f'profile.login eq "{user_id}"')
        else:
            yield self._api.look_up(self._address(user_id))
        if "@" in user_id:
            yield self._search("filter", f'profile.email eq "{user_id}"')
            # Unlike a filter, a search does not mind case; it lags behind changes, so it goes last.
            yield self._search("search", f'profile.email eq "{user_id}"')

    def _search(self, kind: str, condition: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._api.call("GET", self._users, shape=list, fields={kind: condition})
        return found

    def _address(self, user_id: str) -> str:
        # "@" as it is: a proof of possession names the address, and decoding it must not make another one of it.
        return f"{self._users}/{quote(user_id, safe='@')}"

    def _sign_in(self, secret: Secret) -> Credentials:
        if "api_token" in secret:
            return Credentials("SSWS", secret["api_token"], 3600)
        return sign_in("Okta", self._token_url, partial(self._request, secret), self._prover)

    def _request(self, secret: Secret) -> dict[str, Any]:
        """Return a request for a token, with an assertion that is used just once."""
        headers = {"kid": secret["key_id"]} if "key_id" in secret else {}
        assertion = client_assertion(self._token_url, secret["client_id"], secret["private_key"], "RS256", headers)
        form = {"grant_type": "client_credentials", "scope": _SCOPES, **assertion}
        return {"fields": form, "encode_multipart": False}


def _failure(error: Mapping[str, Any]) -> Failure:
    """Return the error's code, and its summary with its causes ("Okta API error codes")."""
    causes = [cause.get("errorSummary", "") for cause in error.get("errorCauses", [])]
    return Failure(error.get("errorCode"), "; ".join([error.get("errorSummary", ""), *causes]) or None)
