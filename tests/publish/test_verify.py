"""`headshot verify` on a stack with an identity provider that does not know the users of the command."""

import json

import boto3
import pytest

from headshot_cli.stack import Stack
from headshot_cli.verifying import probe, verify
from headshot_cli.verifying.checks import CHECKS
from local.stack import STACK
from tests.fakes.systems import PROVIDERS
from tests.publish.deploying import identity_provider
from tests.stack.test_faults import denied


@pytest.fixture
def published(rig, monkeypatch):
    """Run the check for publishing; return its row and what could not be cleaned up."""
    for name, value in rig.emulator.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)

    def verified():
        probed = probe.Probe(Stack(STACK))
        [row] = verify(probed, [check for check in CHECKS if check.name == "publish"])
        return row, probed.clean_up()

    return verified


def test_publishing_is_verified_and_dead_letters_are_kept(rig, published):
    with identity_provider(rig, PROVIDERS["okta"]()) as changed:
        sqs, queue = rig.client("sqs"), changed.outputs["PublishDeadLetterQueue"]
        bodies = [json.dumps({"user_id": "another", "error": "no such user"}), "no JSON"]
        for body in bodies:
            sqs.send_message(QueueUrl=queue, MessageBody=body)
        row, left = published()
        assert (row.result, left) == ("verified", [])
        assert row.detail.startswith("Publish asked the identity provider: waiting, ")
        found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
        assert sorted(message["Body"] for message in found) == sorted(bodies)


def test_the_check_fails_if_changes_are_not_published(rig, published, monkeypatch):
    monkeypatch.setattr(probe, "PATIENCE", 3)
    with identity_provider(rig, PROVIDERS["okta"]()), denied(rig, "RelayRole", "sqs:SendMessage"):
        row, left = published()
    assert (row.result, left) == ("failed", [])
    assert row.detail == "Publish did not try the photo within 3 seconds."
