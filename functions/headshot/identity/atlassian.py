"""Atlassian's own directory, through its user provisioning API, for organisations without another identity provider."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from headshot import scim
from headshot.identity.api import Api, ErrorBody, Vendor, exactly_one
from headshot.identity.authorization import Authorization, Credentials
from headshot.identity.errors import PermanentError
from headshot.identity.settings import Secret, Secrets, Settings

_SCIM_JSON = {"Accept": "application/scim+json", "Content-Type": "application/scim+json"}


class Atlassian:
    """Keeps the URL in a user's `photos` (RFC 7643 §4.1.2). Users are found by externalId, userName or SCIM id."""

    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        self._users = f"{settings.url}/Users"
        vendor = Vendor(
            "Atlassian",
            _parse_error,
            unknown_user="404",
            advice={
                400: "If Atlassian rejects photos, map the attribute in the identity provider instead.",
                401: "Check the API key in the secret; create a new one at admin.atlassian.com if it has expired.",
                403: "Check that the API key belongs to this directory.",
            },
        )
        self._api = Api(vendor, Authorization(secrets, _credentials))

    def find(self, user_id: str) -> str:
        """Return the SCIM id of the user with this externalId, userName or SCIM id."""
        users = self._search("externalId", user_id)
        if not users:
            users = self._search("userName", user_id)
        if not users:
            users = self._api.look_up(self._address(user_id), headers=_SCIM_JSON)
        return exactly_one("Atlassian", user_id, users)

    def photo_url(self, identity_id: str) -> str | None:
        """Return the URL in Atlassian's directory."""
        return _photo_url(self._user(identity_id))

    def set(self, identity_id: str, url: str) -> None:
        """Write `url` into Atlassian's directory."""
        self._patch(identity_id, {"op": "replace", "path": "photos", "value": scim.photos(url)[scim.ATTRIBUTE]}, url)

    def clear(self, identity_id: str) -> None:
        """Remove the URL from Atlassian's directory."""
        self._patch(identity_id, {"op": "remove", "path": "photos"}, None)

    def _patch(self, identity_id: str, operation: Mapping[str, Any], url: str | None) -> None:
        """Change a user, then check that the directory has stored `url`: it may drop photos."""
        change = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]}
        user = self._api.call("PATCH", self._address(identity_id), of_user=True, headers=_SCIM_JSON, json=change)
        if not user:  # 204 is a response without the user (RFC 7644 §3.5.2)
            user = self._user(identity_id)
        if _photo_url(user) != url:
            raise PermanentError(
                "Atlassian accepted the change but dropped the photo. Map the attribute in the identity provider that"
                " provisions this directory instead."
            )

    def _user(self, identity_id: str) -> Mapping[str, Any]:
        user: Mapping[str, Any] = self._api.call("GET", self._address(identity_id), of_user=True, headers=_SCIM_JSON)
        return user

    def _search(self, attribute: str, value: str) -> list[dict[str, Any]]:
        """Return the users with this value of externalId or userName; Atlassian filters by no other attribute."""
        query = {"filter": f'{attribute} eq "{value}"'}
        users: list[dict[str, Any]] = self._api.call("GET", self._users, headers=_SCIM_JSON, fields=query).get(
            "Resources", []
        )
        return users

    def _address(self, identity_id: str) -> str:
        return f"{self._users}/{quote(identity_id, safe='')}"


def _credentials(secret: Secret) -> Credentials:
    return Credentials("Bearer", secret["api_key"], 3600)


def _photo_url(user: Mapping[str, Any]) -> str | None:
    """Return the URL of the primary photo, or else of the first."""
    photos = user.get("photos") or []
    primary = [photo for photo in photos if photo.get("primary")]
    preferred = primary or photos
    return preferred[0].get("value") if preferred else None


def _parse_error(error: Mapping[str, Any]) -> ErrorBody:
    """Return status and detail (RFC 7644 §3.12). SCIM has no code for a missing user."""
    return ErrorBody(str(error.get("status")), error.get("detail"))
