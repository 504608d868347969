"""What an administrator sees of publish."""

import json
import subprocess
import sys

from local.stack import PROJECT


def headshot(rig, *arguments, expected=0, **others):
    """Run the administrator's command against the rig, with other environment variables than root's."""
    command, environment = [sys.executable, "-m", "headshot_cli", *arguments], rig.emulator.environment | others
    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == expected, done.stderr + done.stdout
    return done.stdout


def status(uploader, user_id):
    return (uploader.record(user_id).json()["published"] or {}).get("status")


def dead_letters(published):
    """The messages in the dead-letter queue, left where they are."""
    found = published.client("sqs").receive_message(
        QueueUrl=published.outputs["PublishDeadLetterQueue"], MaxNumberOfMessages=10, VisibilityTimeout=0
    )
    return [_parsed(message["Body"]) for message in found.get("Messages", [])]


def _parsed(body):
    try:
        return json.loads(body)
    except ValueError:
        return body


def last_result(published, mapping):
    """What Lambda says of the last batch that it gave to a function."""
    found = published.client("lambda").get_event_source_mapping(UUID=published.physical_id(mapping))
    return found["LastProcessingResult"]
