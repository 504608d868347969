"""Microsoft Entra ID, by Microsoft Graph ("Update user", Microsoft Graph v1.0 reference)."""

import hashlib
import ssl
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from headshot.identity.api import Api, Failure, Vendor, exactly_one
from headshot.identity.authorization import Authorization, Credentials
from headshot.identity.errors import ConfigurationError, PermanentError
from headshot.identity.oauth import client_assertion, sign_in
from headshot.identity.settings import Secret, Secrets, Settings

# Characters of a directory extension of type String ("extensionProperty resource type").
_LONGEST = 256

# Graph has one code for every bad request; which it is, only the message tells.
_NO_EXTENSION = "extension not available"


class Entra:
    """Keeps the URL in a directory extension, or in one of the fifteen extension attributes of Exchange.

    Users are found by object id or user principal name, else by e-mail address.
    """

    def __init__(self, settings: Settings, secrets: Secrets) -> None:
        self._attribute = settings.attribute
        self._graph = settings.url or "https://graph.microsoft.com/v1.0"
        self._token_url = settings.token_url
        vendor = Vendor(
            "Entra",
            _failure,
            "Request_ResourceNotFound",
            {
                _NO_EXTENSION: f'Check that the directory extension "{self._attribute}" exists.',
                401: "Check the credentials in the secret.",
                403: "Grant Headshot's app the application permission User.ReadWrite.All, with admin consent.",
                404: "Check IdentityProviderUrl.",
            },
        )
        self._api = Api(vendor, Authorization(secrets, self._sign_in))

    def find(self, user_id: str) -> str:
        """Return the object id of a user, found by it or the user principal name, else by e-mail address."""
        return exactly_one("Entra", user_id, self._searches(user_id))

    def read(self, identity_id: str) -> str | None:
        """Return the URL that Entra holds."""
        query = {"$select": f"id,{self._member or self._attribute}"}
        user = self._api.call("GET", self._address(identity_id), of_user=True, fields=query)
        return (user.get(self._member) or {}).get(self._attribute) if self._member else user.get(self._attribute)

    def set(self, identity_id: str, url: str) -> None:
        """Make Entra hold `url`."""
        self._write(identity_id, url)

    def clear(self, identity_id: str) -> None:
        """Make Entra hold nothing."""
        self._write(identity_id, None)

    @property
    def _member(self) -> str:
        """Where extensionAttribute1 to 15 are; directory extensions are members of the user itself."""
        return "onPremisesExtensionAttributes" if self._attribute.startswith("extensionAttribute") else ""

    def _write(self, identity_id: str, value: str | None) -> None:
        if value and len(value) > _LONGEST and not self._member:
            raise PermanentError(
                f"The photo's URL has {len(value)} characters, and Entra's directory extensions hold {_LONGEST}. Upload"
                " the photo under a shorter user id, such as the object id."
            )
        change: dict[str, Any] = {self._attribute: value}
        if self._member:
            change = {self._member: change}
        self._api.call("PATCH", self._address(identity_id), of_user=True, json=change)

    def _searches(self, user_id: str) -> Iterator[list[dict[str, Any]]]:
        yield self._api.look_up(self._address(user_id), fields={"$select": "id"})
        if "@" in user_id:
            quoted = user_id.replace("'", "''")  # OData 4.01, "URL Conventions", primitive literals
            query = {"$filter": f"mail eq '{quoted}'", "$select": "id"}
            yield self._api.call("GET", f"{self._graph}/users", fields=query).get("value", [])

    def _address(self, user_id: str) -> str:
        return f"{self._graph}/users/{quote(user_id, safe='')}"

    def _sign_in(self, secret: Secret) -> Credentials:
        # The host of the scope is that of Graph, which differs in national clouds.
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
    """Name a certificate ("Microsoft identity platform application authentication certificate credentials")."""
    try:
        der = ssl.PEM_cert_to_DER_cert(certificate)
    except ValueError as error:
        raise ConfigurationError("The secret's certificate is not one in PEM.") from error
    return {"x5t#S256": urlsafe_b64encode(hashlib.sha256(der).digest()).decode().rstrip("=")}


def _failure(error: Mapping[str, Any]) -> Failure:
    """Return code and message ("Microsoft Graph error responses and resource types")."""
    inner = error.get("error")
    if not isinstance(inner, dict):
        return Failure()
    code, message = inner.get("code"), inner.get("message")
    if "extension properties are not available" in str(message):
        code = _NO_EXTENSION
    return Failure(code, message)
