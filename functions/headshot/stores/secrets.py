"""The identity provider's credentials, in Secrets Manager."""

import os
from typing import TYPE_CHECKING, Self

from botocore.exceptions import ClientError

from headshot.identity.errors import SecretError, TransientError
from headshot.identity.settings import Secret
from headshot.problems import StoreUnavailable
from headshot.stores.aws import client, error_code, store_errors

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_UNREADABLE = {"AccessDeniedException", "DecryptionFailure", "InvalidRequestException", "ResourceNotFoundException"}


class SecretStore:
    """Reads a secret."""

    def __init__(self, name: str, client: "SecretsManagerClient") -> None:
        self._name = name
        self._secrets_manager = client

    @classmethod
    def from_environment(cls) -> Self:
        """Open the secret that the template names."""
        return cls(os.environ["IDENTITY_PROVIDER_SECRET"], client("secretsmanager"))

    def read(self) -> Secret:
        """Return the current credentials. The secret may be text or binary.

        Raises
        ------
        SecretError
            If the secret does not exist, cannot be read, or is not a JSON object.
        TransientError
            If Secrets Manager fails.
        """
        try:
            with store_errors("AWS Secrets Manager"):
                found = self._secrets_manager.get_secret_value(SecretId=self._name)
        except StoreUnavailable as error:
            code = error_code(error.__cause__) if isinstance(error.__cause__, ClientError) else "no answer"
            if code in _UNREADABLE:
                raise SecretError(f'The secret "{self._name}" cannot be read ({code}).') from error
            raise TransientError(f"AWS Secrets Manager does not return the secret at the moment ({code}).") from error
        return Secret.parse(found.get("SecretString") or found.get("SecretBinary") or "")
