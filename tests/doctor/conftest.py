"""A stack that publishes to a fake Okta, and a person whose photo has been published."""

import json

import pytest

from local import portrait
from tests.awaiting import eventually
from tests.cli.conftest import _role, headshot, script
from tests.doctor.rigged import Patient
from tests.fakes.systems import PROVIDERS
from tests.publish.deploying import identity_provider
from tests.stack.conftest import _loopback, rig, stranger, uploader

__all__ = ["_loopback", "_role", "headshot", "rig", "script", "stranger", "uploader"]


@pytest.fixture(scope="package")
def system():
    return PROVIDERS["okta"]()


@pytest.fixture(scope="package")
def publishing(rig, system):
    with identity_provider(rig, system) as publishing:
        yield publishing


@pytest.fixture(scope="package")
def ada(publishing, system, uploader):  # noqa: ARG001  it must be there
    """The identity id of a user whose photo has been published."""
    identity_id = system.fake.add("ada", "ada@example.com")
    uploader.upload("ada", portrait.jpeg("Ada", (128, 128)))
    eventually(lambda: (uploader.record("ada").json()["published"] or {}).get("status") == "published")
    return identity_id


@pytest.fixture
def patient(publishing, system, ada, uploader):
    """The stack, the fake and the person. The person's record and the fake are as before after the test."""
    patient = Patient(publishing, system, ada, uploader)
    yield patient
    patient.heal()


@pytest.fixture
def diagnosed(headshot):
    """Run the command, and return the exit code and the rows by link."""

    def run(*arguments):
        code, printed, _ = headshot("doctor", *arguments, "--json")
        return code, {row["link"]: row for row in json.loads(printed)}

    return run
