"""Files in the drop box while AWS fails: they stay, are retried, and wait for an administrator in the end."""

import json
import subprocess
import sys

import pytest

from local.stack import PROJECT
from tests.awaiting import eventually
from tests.stack.dropbox import ADA
from tests.stack.test_faults import denied


@pytest.fixture
def fails_after_one_attempt(rig):
    """Move messages to the dead-letter queue after one attempt: ten take an hour."""
    sqs, queue = rig.client("sqs"), rig.outputs["IngestQueue"]
    names = ["RedrivePolicy"]
    policy = json.loads(sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]["RedrivePolicy"])

    def allow(attempts):
        changed = {"RedrivePolicy": json.dumps(policy | {"maxReceiveCount": attempts})}
        sqs.set_queue_attributes(QueueUrl=queue, Attributes=changed)

    allow(1)
    yield
    allow(policy["maxReceiveCount"])


@pytest.mark.parametrize("action", ["s3:PutObject", "dynamodb:PutItem", "s3:DeleteObjectVersion"])
def test_a_file_stays_while_aws_fails_and_is_ingested_afterwards(rig, drop, ingested, action):
    name = f"fault-{action.partition(':')[2]}".lower()
    with denied(rig, "IngestRole", action):
        drop(f"{name}.jpg", ADA)
        eventually(lambda: "1 partial" in last_result(rig))
        assert rig.objects(f"dropbox/{name}") == [f"dropbox/{name}.jpg"]
    assert ingested(name, f"{name}.jpg")["status"] == "accepted"
    eventually(lambda: rig.objects(f"dropbox/{name}") == [])
    assert len(rig.objects(f"photos/{name}/")) >= 1


def last_result(rig):
    mapping = rig.physical_id("IngestFunctionQueue")
    return rig.client("lambda").get_event_source_mapping(UUID=mapping)["LastProcessingResult"]


@pytest.mark.usefixtures("fails_after_one_attempt")
def test_a_failed_file_is_ingested_when_an_administrator_retries_it(rig, drop, ingested):
    with denied(rig, "IngestRole", "s3:ListBucketVersions"):
        drop("failed.jpg", ADA)
        eventually(lambda: rig.waiting("IngestDeadLetterQueue") > 0)
    command = [sys.executable, "-m", "headshot_cli", "retry"]
    done = subprocess.run(
        command, cwd=PROJECT, env=rig.emulator.environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("dropbox/failed.jpg: "), done.stderr
    assert ingested("failed", "failed.jpg")["status"] == "accepted"
    assert rig.waiting("IngestDeadLetterQueue") == 0
