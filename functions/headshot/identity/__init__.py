"""The identity providers that can carry a photo's URL, each in a module of its own, behind one interface."""

from importlib import import_module
from typing import Protocol

from headshot.identity.required import required
from headshot.identity.settings import Secrets, Settings


class IdentityProvider(Protocol):
    """Holds one photo URL a user.

    `identity_id` is the provider's own immutable id, which survives a change of login or e-mail address. Every method
    raises an IdentityError; UnknownUserError only if the provider itself says that it has no such user.
    """

    def find(self, user_id: str) -> str:
        """Return the identity id of the user whom the provider knows by this id, login or e-mail address."""

    def read(self, identity_id: str) -> str | None:
        """Return the URL that is held for a user, None if there is none."""

    def set(self, identity_id: str, url: str) -> None:
        """Make `url` the one that is held, whatever was held before."""

    def clear(self, identity_id: str) -> None:
        """Hold no URL for a user any more."""


def from_environment(secrets: Secrets) -> IdentityProvider:
    """Return the identity provider that the template names, which signs in with what `secrets` returns.

    Raises
    ------
    NoIdentityProviderError
        If it names none.
    """
    name = required("IDENTITY_PROVIDER")
    # Only the chosen one is loaded: the others would cost time at every cold start.
    provider: IdentityProvider = getattr(import_module(f"headshot.identity.{name.lower()}"), name)(
        Settings.from_environment(), secrets
    )
    return provider
