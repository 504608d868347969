"""The identity provider's credentials, in Secrets Manager."""

import os
from typing import TYPE_CHECKING, Self

import boto3
from botocore.exceptions import ClientError

from headshot.aws import CLIENT_CONFIG, error_code, store_errors
from headshot.identity.errors import ConfigurationError
from headshot.identity.settings import Secret

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_UNREADABLE = {"AccessDeniedException", "DecryptionFailure", "InvalidRequestException", "ResourceNotFoundException"}


class SecretStore:
    """Reads one secret."""

    def __init__(self, name: str, client: "SecretsManagerClient") -> None:
        self._name = name
        self._secrets_manager = client

    @classmethod
    def from_environment(cls) -> Self:
        """Open the secret that the template names."""
        return cls(os.environ["IDENTITY_PROVIDER_SECRET"], boto3.client("secretsmanager", config=CLIENT_CONFIG))

    def read(self) -> Secret:
        """Return the credentials as they are now. A binary secret may hold the JSON as well.

        Raises
        ------
        ConfigurationError
            If there is no such secret, it may not be read, or it is not a JSON object.
        StoreUnavailable
            If Secrets Manager fails.
        """
        with store_errors():
            try:
                found = self._secrets_manager.get_secret_value(SecretId=self._name)
            except ClientError as error:
                if error_code(error) not in _UNREADABLE:
                    raise
                raise ConfigurationError(f'The secret "{self._name}" cannot be read ({error_code(error)}).') from error
        return Secret.parse(found.get("SecretString") or found.get("SecretBinary") or "")
