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
    """Keep a secret under the name that the template was given, until the test is over."""
    secrets = aws.client("secretsmanager")
    yield lambda text: secrets.create_secret(Name=SECRET, SecretString=text)
    secrets.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)


def test_a_secret_is_read_as_it_is_now(aws, store, keep):
    keep('{"api_token": "first"}')
    assert store.read()["api_token"] == "first"
    aws.client("secretsmanager").put_secret_value(SecretId=SECRET, SecretString='{"api_token": "second"}')
    assert store.read()["api_token"] == "second"


def test_a_secret_that_is_no_json_object_is_rejected(store, keep):
    keep("no JSON")
    with pytest.raises(ConfigurationError, match="is not a JSON object"):
        store.read()


def test_a_secret_that_does_not_exist_or_is_about_to_be_deleted_is_rejected(aws, store, keep):
    """MiniStack denies a role access to a secret that does not exist; moto says that it is not found."""
    with pytest.raises(ConfigurationError, match=r"cannot be read \((ResourceNotFound|AccessDenied)Exception\)"):
        store.read()
    keep('{"api_token": "first"}')
    aws.client("secretsmanager").delete_secret(SecretId=SECRET, RecoveryWindowInDays=7)
    with pytest.raises(ConfigurationError, match="InvalidRequestException"):
        store.read()
