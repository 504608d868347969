"""SecretStore, under the role of publish."""

import pytest

from headshot.identity.errors import ConfigurationError
from headshot.stores.secrets import SecretStore
from tests.stores.conftest import SECRET


@pytest.fixture
def store(aws):
    return SecretStore(SECRET, aws.client("secretsmanager", "PublishRole"))


@pytest.fixture
def keep(aws):
    """Store the secret that the stack uses, for the duration of a test."""
    secrets = aws.client("secretsmanager")
    yield lambda text: secrets.create_secret(Name=SECRET, SecretString=text)
    secrets.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)


def test_the_current_value_of_a_secret_is_read(aws, store, keep):
    keep('{"api_token": "first"}')
    assert store.read()["api_token"] == "first"
    aws.client("secretsmanager").put_secret_value(SecretId=SECRET, SecretString='{"api_token": "second"}')
    assert store.read()["api_token"] == "second"


def test_a_secret_that_is_not_a_json_object_is_rejected(store, keep):
    keep("no JSON")
    with pytest.raises(ConfigurationError, match="is not a JSON object"):
        store.read()


def test_a_missing_or_deleted_secret_is_rejected(aws, store, keep):
    """MiniStack denies a role access to a secret that does not exist; moto says that it is not found."""
    with pytest.raises(ConfigurationError, match=r"cannot be read \((ResourceNotFound|AccessDenied)Exception\)"):
        store.read()
    keep('{"api_token": "first"}')
    aws.client("secretsmanager").delete_secret(SecretId=SECRET, RecoveryWindowInDays=7)
    with pytest.raises(ConfigurationError, match="InvalidRequestException"):
        store.read()
