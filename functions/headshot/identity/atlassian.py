"""Atlassian itself, by its user provisioning API, for organisations without one of the other identity providers."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from headshot import scim
from headshot.identity.api import Api, Failure, Vendor, exactly_one
from headshot.identity.authorization import Authorization, Credentials
from headshot.identity.errors import PermanentError
from headshot.identity.settings import Secrets, Settings

_SCIM_JSON = {"Accept": "application/scim+json", "Content-Type": "application/scim+json"}


class Atlassian:
    """Keeps the URL in `photos` (RFC 7643 §4.1.2) of a directory's user, found by externalId, userName or SCIM id."""

    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        self._users = f"{settings.url}/Users"
        vendor = Vendor(
            "Atlassian",
            _failure,
            "404",
            {
                400: "If it does not take photos, map the attribute in the identity provider instead.",
                401: "Check the API key in the secret; admin.atlassian.com can make a new one.",
                403: "Check that the API key belongs to this directory.",
                404: "Check the directory's URL.",
            },
        )
        self._api = Api(vendor, Authorization(secrets, lambda secret: Credentials("Bearer", secret["api_key"], 3600)))

    def find(self, user_id: str) -> str:
        """Return the SCIM id of a user, found by externalId, userName or that id."""
        return exactly_one("Atlassian", user_id, self._searches(user_id))

    def read(self, identity_id: str) -> str | None:
        """Return the URL that Atlassian's directory holds."""
        return _held(self._api.call("GET", self._address(identity_id), of_user=True, headers=_SCIM_JSON))

    def set(self, identity_id: str, url: str) -> None:
        """Make Atlassian's directory hold `url`."""
        self._patch(identity_id, {"op": "replace", "path": "photos", "value": scim.photos(url)[scim.ATTRIBUTE]}, url)

    def clear(self, identity_id: str) -> None:
        """Make Atlassian's directory hold nothing."""
        self._patch(identity_id, {"op": "remove", "path": "photos"}, None)

    def _patch(self, identity_id: str, operation: Mapping[str, Any], url: str | None) -> None:
        """Change a user (RFC 7644 §3.5.2), and see in the answer whether the directory knows photos at all."""
        change = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]}
        address = self._address(identity_id)
        user = self._api.call("PATCH", address, of_user=True, headers=_SCIM_JSON, json=change)
        # 204 is an answer without the user (RFC 7644 §3.5.2).
        if _held(user or self._api.call("GET", address, of_user=True, headers=_SCIM_JSON)) != url:
            raise PermanentError(
                "Atlassian took the change and dropped the photo. Map the attribute in the identity provider that"
                " provisions this directory instead."
            )

    def _searches(self, user_id: str) -> Iterator[list[dict[str, Any]]]:
        for name in ("externalId", "userName"):  # the only two that Atlassian filters by
            query = {"filter": f'{name} eq "{user_id}"'}
            yield self._api.call("GET", self._users, headers=_SCIM_JSON, fields=query).get("Resources", [])
        yield self._api.look_up(self._address(user_id), headers=_SCIM_JSON)

    def _address(self, identity_id: str) -> str:
        return f"{self._users}/{quote(identity_id, safe='')}"


def _held(user: Mapping[str, Any]) -> str | None:
    """Give the primary photo, or the first."""
    photos = sorted(user.get("photos") or [], key=lambda photo: not photo.get("primary"))
    return photos[0].get("value") if photos else None


def _failure(error: Mapping[str, Any]) -> Failure:
    """Return status and detail (RFC 7644 §3.12); there are no codes for what is missing."""
    return Failure(str(error.get("status")), error.get("detail"))
