"""One fake Okta for all tests in this folder, since updating the stack takes seconds."""

import pytest

from headshot.identity.okta import Okta
from local import fake_okta
from tests.awaiting import eventually
from tests.fakes.systems import System
from tests.publish.deploying import identity_provider
from tests.publish.watching import records


@pytest.fixture(scope="package")
def system():
    return System(Okta, fake_okta.Okta(lambda header: header == "SSWS known"), {"api_token": "known"})


@pytest.fixture(scope="package")
def publishing(rig, system):
    """The stack, with Okta as its identity provider."""
    with identity_provider(rig, system) as publishing:
        yield publishing


@pytest.fixture
def okta_user(system, uploader, publishing):
    """Create users in Okta. After the test, erase them and wait until Okta has confirmed it: no call must be left."""
    logins = []

    def add(login):
        logins.append(login)
        return system.fake.add(login, f"{login}@example.com")

    yield add
    for login in logins:
        uploader.erase(login)
    eventually(lambda: not {item["user_id"]["S"] for item in records(publishing)} & set(logins))
