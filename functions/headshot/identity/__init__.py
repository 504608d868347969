"""The identity providers that can carry a photo's URL, each in a module of its own, behind one interface."""

import os
from importlib import import_module
from typing import Protocol

from headshot.identity.settings import Secrets, Settings


class IdentityProvider(Protocol):
    """Holds one photo URL a user. Every method raises TransientError, or PermanentError if a retry cannot help."""

    def read(self, user_id: str) -> str | None:
        """Give the URL that is held for a user, None if there is none."""

    def set(self, user_id: str, url: str) -> None:
        """Make `url` the one that is held, whatever was held before."""

    def clear(self, user_id: str) -> None:
        """Hold no URL for a user any more."""


def from_environment(secrets: Secrets) -> IdentityProvider:
    """Give the identity provider that the template names, which signs in with what `secrets` gives when it has to."""
    name = os.environ["IDENTITY_PROVIDER"]
    # Only the chosen one is loaded: the others would cost time at every cold start.
    provider: IdentityProvider = getattr(import_module(f"headshot.identity.{name.lower()}"), name)(
        Settings.from_environment(), secrets
    )
    return provider
