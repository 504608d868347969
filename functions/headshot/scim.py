"""The SCIM attribute that carries a profile picture (RFC 7643 §4.1.2 `photos`)."""

from typing import TypedDict

ATTRIBUTE = "urn:ietf:params:scim:schemas:core:2.0:User:photos"


class PhotoValue(TypedDict):
    """One value of the multi-valued attribute."""

    value: str
    type: str
    primary: bool


def photos(url: str) -> dict[str, list[PhotoValue]]:
    """Return the attribute, by name, that makes `url` a user's profile picture."""
    return {ATTRIBUTE: [{"value": url, "type": "photo", "primary": True}]}
