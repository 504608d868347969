"""How to reach the identity provider, and the secret that opens it."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

from headshot.identity.errors import ConfigurationError

# Fields of several lines (RFC 7468). All others are one line of printable ASCII (RFC 6749, appendix A, has it so for
# client ids and secrets), which is also all that a header can carry.
_PEM = {"private_key", "certificate"}


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


@dataclass(frozen=True, slots=True)
class Secret:
    """The credentials, by the names that docs/ gives them. Its representation shows none of them."""

    _fields: Mapping[str, object] = field(repr=False)

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        """Read a secret from its JSON.

        Raises
        ------
        ConfigurationError
            If it is not a JSON object.
        """
        try:
            fields = json.loads(text)
        except (ValueError, RecursionError):
            fields = None
        if not isinstance(fields, dict):
            raise ConfigurationError(
                "The secret is not a JSON object. Store one with the names that the documentation gives."
            )
        return cls(fields)

    def __contains__(self, name: str) -> bool:
        """Whether there is a field of this name."""
        return name in self._fields

    def __getitem__(self, name: str) -> str:
        """Return a field, without the white space around it that editors and shells leave behind.

        Raises
        ------
        ConfigurationError
            If there is no such field, or it holds characters that no credential has.
        """
        value = self._fields.get(name)
        text = value.strip() if isinstance(value, str) else ""
        if not text:
            raise ConfigurationError(
                f'The secret has no string "{name}". Store a JSON object with the names that the documentation gives.'
            )
        printable = "".join(text.splitlines()) if name in _PEM else text
        if not (printable.isascii() and printable.isprintable()):
            raise ConfigurationError(
                f'The secret\'s "{name}" holds a line break, another control character, or one outside ASCII such as a'
                " typographic quote. Store it as the console gave it."
            )
        return text


Secrets = Callable[[], Secret]
