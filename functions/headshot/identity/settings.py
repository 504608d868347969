"""How to reach the identity provider, and the secret that opens it."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from headshot.identity.errors import PermanentError


@dataclass(frozen=True, slots=True)
class Settings:
    """What the stack's parameters say; URLs have no slash at the end, and what is empty is the vendor's usual."""

    url: str
    token_url: str
    attribute: str

    @classmethod
    def from_environment(cls) -> Self:
        """Read what the template sets."""
        return cls(*(os.environ[f"IDENTITY_PROVIDER_{name}"] for name in ("URL", "TOKEN_URL", "ATTRIBUTE")))


class Secret(dict[str, str]):
    """The credentials, by the names that docs/ gives them. What is missing raises PermanentError."""

    def __missing__(self, name: str) -> str:
        raise PermanentError(
            f'The secret has no "{name}". It is a JSON object with the names that the documentation gives.'
        )


Secrets = Callable[[], Secret]
