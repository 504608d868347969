"""What an administrator can see of publishing: the command's output, records, dead letters and batch results."""

import json
import subprocess
import sys

from local.stack import PROJECT


def headshot(rig, *arguments, expected=0, **others):
    """Run the administrator's command against the rig; `others` overrides root's environment variables."""
    command, environment = [sys.executable, "-m", "headshot_cli", *arguments], rig.emulator.environment | others
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == expected, done.stderr + done.stdout
    return done.stdout


def published(uploader, user_id):
    """Return what the user's record says about publishing, None if nothing was tried yet."""
    return uploader.record(user_id).json()["published"]


def status(uploader, user_id):
    """Return the status of publishing in the user's record, None if nothing was tried yet."""
    return (published(uploader, user_id) or {}).get("status")


def erasure(uploader, user_id):
    """Erase a user, again if need be, and return the state of the erasure at the identity provider."""
    return uploader.erase(user_id).json()["identity_provider"]


def records(rig):
    """Return the records and the tombstones that are not confirmed, as items of their table."""
    items = rig.client("dynamodb").scan(TableName=rig.outputs["RecordsTable"])["Items"]
    return [item for item in items if "expires_at" not in item]


def dead_letters(rig):
    """Return the messages in the dead-letter queue without removing them."""
    found = rig.client("sqs").receive_message(
        QueueUrl=rig.outputs["PublishDeadLetterQueue"], MaxNumberOfMessages=10, VisibilityTimeout=0
    )
    return [_parsed(message["Body"]) for message in found.get("Messages", [])]


def _parsed(body):
    try:
        return json.loads(body)
    except ValueError:
        return body


def last_result(rig, mapping):
    """Return Lambda's result for the last batch of an event source mapping."""
    found = rig.client("lambda").get_event_source_mapping(UUID=rig.physical_id(mapping))
    return found["LastProcessingResult"]
