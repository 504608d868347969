"""The address of the identity provider, and the secret with the credentials for it."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

from headshot.identity.errors import SecretError

# Fields with several lines (RFC 7468). All others are one line of printable ASCII: RFC 6749, appendix A, requires it of
# client ids and secrets, and a header can carry nothing else.
_PEM = {"private_key", "certificate"}


@dataclass(frozen=True, slots=True)
class Settings:
    """The stack's parameters. URLs have no slash at the end; an empty value stands for the vendor's default."""

    url: str
    token_url: str
    attribute: str

    @classmethod
    def from_environment(cls) -> Self:
        """Return the settings in the environment variables that the template sets."""
        return cls(
            url=os.environ["IDENTITY_PROVIDER_URL"],
            token_url=os.environ["IDENTITY_PROVIDER_TOKEN_URL"],
            attribute=os.environ["IDENTITY_PROVIDER_ATTRIBUTE"],
        )


@dataclass(frozen=True, slots=True)
class Secret:
    """The credentials, under the names that the documentation lists. The representation shows no values."""

    _fields: Mapping[str, object] = field(repr=False)

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        """Return the secret in a JSON object.

        Raises
        ------
        SecretError
            If `text` is not a JSON object.
        """
        try:
            fields = json.loads(text)
        except (ValueError, RecursionError):
            fields = None
        if not isinstance(fields, dict):
            raise SecretError("The secret is not a JSON object. Store one with the fields from the documentation.")
        return cls(fields)

    def __contains__(self, name: str) -> bool:
        """Return whether there is a field of this name."""
        return name in self._fields

    def __getitem__(self, name: str) -> str:
        """Return the value of a field, without the surrounding white space that editors and shells add.

        Raises
        ------
        SecretError
            If there is no such field, or its value contains characters that no credential has.
        """
        value = self._fields.get(name)
        text = value.strip() if isinstance(value, str) else ""
        if not text:
            raise SecretError(
                f'The secret has no text field "{name}". Store a JSON object with the fields from the documentation.'
            )
        printable = "".join(text.splitlines()) if name in _PEM else text
        if not (printable.isascii() and printable.isprintable()):
            raise SecretError(
                f'The secret\'s "{name}" contains a line break, another control character or a character outside ASCII,'
                " such as a typographic quote. Store the value exactly as the vendor's console shows it."
            )
        return text


Secrets = Callable[[], Secret]
