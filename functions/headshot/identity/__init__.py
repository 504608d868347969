"""The identity providers that can carry a photo's URL: a module each, behind one interface."""

from importlib import import_module
from typing import Protocol

from headshot.identity.required import required
from headshot.identity.settings import Secrets, Settings


class IdentityProvider(Protocol):
    """Keeps one photo URL for each user.

    `identity_id` is the provider's own immutable id, which survives a change of login or e-mail address. Every method
    raises an IdentityError if it fails; UnknownUserError only if the provider itself says that it has no such user.
    """

    def find(self, user_id: str) -> str:
        """Return the identity id of the user with this id, login or e-mail address."""

    def photo_url(self, identity_id: str) -> str | None:
        """Return the URL in a user's profile, None if there is none."""

    def set(self, identity_id: str, url: str) -> None:
        """Write `url` into a user's profile. Repeating it is safe."""

    def clear(self, identity_id: str) -> None:
        """Remove the URL from a user's profile. Repeating it is safe."""


def from_environment(secrets: Secrets) -> IdentityProvider:
    """Return the identity provider that the template names. It signs in with the secret that `secrets` returns.

    Raises
    ------
    NoIdentityProviderError
        If the template names none.
    """
    return connect(required("IDENTITY_PROVIDER"), Settings.from_environment(), secrets)


def connect(name: str, settings: Settings, secrets: Secrets) -> IdentityProvider:
    """Return the identity provider with this name. It signs in with the secret that `secrets` returns."""
    # Import only this provider: the others would slow down every cold start.
    module = import_module(f"headshot.identity.{name.lower()}")
    provider: IdentityProvider = getattr(module, name)(settings, secrets)
    return provider
