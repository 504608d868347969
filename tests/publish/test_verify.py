"""`headshot verify` on a stack with an identity provider, which does not know the command's users."""

import json

import boto3
import pytest

from headshot_cli.stack import Stack
from headshot_cli.verifying import probe, verify
from headshot_cli.verifying.checks import CHECKS
from local.stack import STACK
from tests.fakes.systems import EACH
from tests.publish.test_systems import chosen
from tests.stack.test_faults import denied


@pytest.fixture
def published(rig, monkeypatch):
    """Verify that changes reach the identity provider, and return the row and what could not be cleaned up."""
    for name, value in rig.emulator.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)

    def verified():
        probed = probe.Probe(Stack(STACK))
        [row] = verify(probed, [check for check in CHECKS if check.name == "publish"])
        return row, probed.clean_up()

    return verified


def test_the_way_to_the_identity_provider_is_verified_and_dead_letters_stay(rig, published):
    with chosen(rig, EACH["okta"]()) as changed:
        sqs, queue = rig.client("sqs"), changed.outputs["PublishDeadLetterQueue"]
        letters = [json.dumps({"user_id": "another", "error": "no such user"}), "no JSON"]
        for letter in letters:
            sqs.send_message(QueueUrl=queue, MessageBody=letter)
        row, left = published()
        assert (row.result, left) == ("verified", [])
        assert row.detail.startswith("Publish asked the identity provider: waiting, ")
        found = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
        assert sorted(message["Body"] for message in found) == sorted(letters)


def test_a_stack_whose_changes_go_nowhere_has_failed(rig, published, monkeypatch):
    monkeypatch.setattr(probe, "PATIENCE", 3)
    with chosen(rig, EACH["okta"]()), denied(rig, "RelayRole", "sqs:SendMessage"):
        row, left = published()
    assert (row.result, left) == ("failed", [])
    assert row.detail == "Publish did not try the photo within 3 seconds."
