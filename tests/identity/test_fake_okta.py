"""The users who live in the fake Okta of `make run IDENTITY_PROVIDER=Okta`: each fails as its docstring says."""

import json

import pytest

from headshot.identity.errors import ConfigurationError, PermanentError, UnknownUserError
from headshot.identity.okta import Okta
from headshot.identity.settings import Secret, Settings
from local import fake_okta
from tests.identity.samples import URL


@pytest.fixture
def fake():
    return fake_okta.with_people()


@pytest.fixture
def publish(fake, serve):
    """Set a user's photo as publish does."""
    secret = Secret.parse(json.dumps({"api_token": fake_okta.API_TOKEN}))
    provider = Okta(Settings(serve(fake), "", ""), lambda: secret)
    return lambda user_id: provider.set(provider.find(user_id), URL)


@pytest.mark.parametrize("user_id", ["ada.lovelace", "ada.lovelace@example.com", "twin.one", "twin.two"])
def test_a_photo_is_published(fake, publish, user_id):
    publish(user_id)
    assert [fake.photo_url(found) for found in fake.users if fake.photo_url(found)] == [URL]


@pytest.mark.parametrize(
    ("user_id", "error", "message"),
    [
        ("deactivated", PermanentError, "Erase people before you deactivate them"),
        ("forbidden", ConfigurationError, "403: You do not have permission.* an admin role that covers this user"),
        ("twins@example.com", PermanentError, "2 users"),
        ("somebody.else", UnknownUserError, "If the account does not appear within a day"),
    ],
)
def test_publishing_fails_with_advice(publish, user_id, error, message):
    with pytest.raises(error, match=message):
        publish(user_id)
