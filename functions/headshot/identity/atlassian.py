"""Atlassian itself, by its user provisioning API, for organisations without one of the other identity providers."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from headshot import scim
from headshot.identity.api import Api, Authorization, sole
from headshot.identity.errors import PermanentError
from headshot.identity.settings import Secrets, Settings

_SCIM_JSON = {"Accept": "application/scim+json", "Content-Type": "application/scim+json"}


class Atlassian:
    """Keeps the URL in `photos` (RFC 7643 §4.1.2) of a directory's user, found by externalId, userName or SCIM id."""

    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        self._users = f"{settings.url}/Users"
        self._api = Api(
            "Atlassian",
            Authorization(secrets, lambda secret: (f"Bearer {secret['api_key']}", 3600)),
            _words,
            {
                400: "If it does not take photos, map the attribute in the identity provider instead.",
                401: "Check the API key in the secret; admin.atlassian.com can make a new one.",
                403: "Check that the API key belongs to this directory.",
                404: "Use the externalId, the userName or the SCIM id as user id, and check the directory's URL.",
            },
        )

    def read(self, user_id: str) -> str | None:
        """Give the URL that Atlassian's directory holds."""
        return _held(self._find(user_id))

    def set(self, user_id: str, url: str) -> None:
        """Make Atlassian's directory hold `url`."""
        self._patch(user_id, {"op": "replace", "path": "photos", "value": scim.photos(url)[scim.ATTRIBUTE]}, url)

    def clear(self, user_id: str) -> None:
        """Make Atlassian's directory hold nothing."""
        self._patch(user_id, {"op": "remove", "path": "photos"}, None)

    def _patch(self, user_id: str, operation: Mapping[str, Any], url: str | None) -> None:
        """Change a user (RFC 7644 §3.5.2), and see in the answer whether the directory knows photos at all."""
        change = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]}
        address = f"{self._users}/{quote(self._find(user_id)['id'], safe='')}"
        user = self._api.call("PATCH", address, headers=_SCIM_JSON, json=change)
        # 204 is an answer without the user (RFC 7644 §3.5.2).
        if _held(user or self._api.call("GET", address, headers=_SCIM_JSON)) != url:
            raise PermanentError(
                "Atlassian took the change and dropped the photo. Map the attribute in the identity provider that"
                " provisions this directory instead."
            )

    def _find(self, user_id: str) -> dict[str, Any]:
        return sole("Atlassian", user_id, self._searches(user_id))

    def _searches(self, user_id: str) -> Iterator[list[dict[str, Any]]]:
        for name in ("externalId", "userName"):  # the only two that Atlassian filters by
            query = {"filter": f'{name} eq "{user_id}"'}
            yield self._api.call("GET", self._users, headers=_SCIM_JSON, fields=query).get("Resources", [])
        yield [self._api.call("GET", f"{self._users}/{quote(user_id, safe='')}", headers=_SCIM_JSON)]


def _held(user: Mapping[str, Any]) -> str | None:
    """Give the primary photo, or the first."""
    photos = sorted(user.get("photos") or [], key=lambda photo: not photo.get("primary"))
    return photos[0].get("value") if photos else None


def _words(error: Mapping[str, Any]) -> str | None:
    return error.get("detail")
