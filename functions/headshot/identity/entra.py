"""Microsoft Entra ID, through Microsoft Graph ("Update user", Microsoft Graph v1.0 reference)."""

import hashlib
import ssl
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from headshot.identity.api import Api, ErrorBody, Vendor, exactly_one
from headshot.identity.authorization import Authorization, Credentials
from headshot.identity.errors import PermanentError, SecretError
from headshot.identity.oauth import client_assertion, sign_in
from headshot.identity.settings import Secret, Secrets, Settings

# Characters that a directory extension of type String can hold ("extensionProperty resource type").
_MAX_URL = 256

# A code of our own: Graph has one code for all bad requests, and only the message says which it is.
_NO_EXTENSION = "extension not available"


class Entra:
    """Keeps the URL in a directory extension, or in one of the fifteen extension attributes of Exchange.

    Users are found by object id, user principal name or e-mail address.
    """

    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        self._attribute = settings.attribute
        self._graph = settings.url or "https://graph.microsoft.com/v1.0"
        self._token_url = settings.token_url
        vendor = Vendor(
            "Entra",
            _parse_error,
            unknown_user="Request_ResourceNotFound",
            advice={
                _NO_EXTENSION: f'Check that the directory extension "{self._attribute}" exists.',
                403: "Grant Headshot's app the application permission User.ReadWrite.All, with admin consent.",
            },
        )
        self._api = Api(vendor, Authorization(secrets, self._sign_in))

    def find(self, user_id: str) -> str:
        """Return the object id of the user with this object id, user principal name or e-mail address."""
        users = self._api.look_up(self._address(user_id), fields={"$select": "id"})
        if not users and "@" in user_id:
            users = self._search_by_email(user_id)
        return exactly_one("Entra", user_id, users)

    def photo_url(self, identity_id: str) -> str | None:
        """Return the URL in the user's attribute."""
        query = {"$select": f"id,{self._member or self._attribute}"}
        user = self._api.call("GET", self._address(identity_id), of_user=True, fields=query)
        attributes = (user.get(self._member) or {}) if self._member else user
        url: str | None = attributes.get(self._attribute)
        return url

    def set(self, identity_id: str, url: str) -> None:
        """Write `url` into the user's attribute."""
        if len(url) > _MAX_URL and not self._member:
            raise PermanentError(
                f"The photo's URL has {len(url)} characters, but Entra's directory extensions hold only {_MAX_URL}."
                " Upload the photo under a shorter user id, such as the object id."
            )
        self._write(identity_id, url)

    def clear(self, identity_id: str) -> None:
        """Set the user's attribute to null."""
        self._write(identity_id, None)

    @property
    def _member(self) -> str:
        """The member of the user that holds extensionAttribute1 to 15; directory extensions are on the user itself."""
        return "onPremisesExtensionAttributes" if self._attribute.startswith("extensionAttribute") else ""

    def _write(self, identity_id: str, value: str | None) -> None:
        change: dict[str, Any] = {self._attribute: value}
        if self._member:
            change = {self._member: change}
        self._api.call("PATCH", self._address(identity_id), of_user=True, json=change)

    def _search_by_email(self, address: str) -> list[dict[str, Any]]:
        quoted = address.replace("'", "''")  # OData 4.01, "URL Conventions", primitive literals
        query = {"$filter": f"mail eq '{quoted}'", "$select": "id"}
        users: list[dict[str, Any]] = self._api.call("GET", f"{self._graph}/users", fields=query).get("value", [])
        return users

    def _address(self, user_id: str) -> str:
        return f"{self._graph}/users/{quote(user_id, safe='')}"

    def _sign_in(self, secret: Secret) -> Credentials:
        # The scope has the host of Graph, which differs in national clouds.
        scope = f"{self._graph.removesuffix('/v1.0')}/.default"
        form = {"grant_type": "client_credentials", "client_id": secret["client_id"], "scope": scope}
        if "private_key" in secret:
            form |= client_assertion(
                self._token_url, secret["client_id"], secret["private_key"], "PS256", _thumbprint(secret["certificate"])
            )
        else:
            form["client_secret"] = secret["client_secret"]
        return sign_in("Entra", self._token_url, lambda: {"fields": form, "encode_multipart": False})


def _thumbprint(certificate: str) -> dict[str, str]:
    """Return the header that names a certificate ("... application authentication certificate credentials")."""
    try:
        der = ssl.PEM_cert_to_DER_cert(certificate)
    except ValueError as error:
        raise SecretError(
            "The secret's certificate is not in PEM. Store the certificate that was uploaded to the app registration."
        ) from error
    return {"x5t#S256": urlsafe_b64encode(hashlib.sha256(der).digest()).decode().rstrip("=")}


def _parse_error(error: Mapping[str, Any]) -> ErrorBody:
    """Return code and message ("Microsoft Graph error responses and resource types")."""
    inner = error.get("error")
    if not isinstance(inner, dict):
        return ErrorBody()
    code, message = inner.get("code"), inner.get("message")
    if "extension properties are not available" in str(message):
        code = _NO_EXTENSION
    return ErrorBody(code, message)
