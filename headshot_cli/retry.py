"""Retries files in the drop box and the messages in the dead-letter queues."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from headshot_cli.functions import call
from headshot_cli.stack import Stack

# Seconds for which received messages are hidden from others: enough to send thousands.
_HIDDEN = 900

# As on the schedule, and with the rejected files that could not be moved.
_SWEEP = {"task": "files", "older_than": 600, "rejected": True}

_UNKNOWN = "it failed too often; see the function's log"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A failed photo, by its user id, or a failed file, by its key, and the error if it is known."""

    subject: str
    error: str


def queue_files(stack: Stack) -> int:
    """Make the stack queue the files that have been in the drop box for ten minutes, and return how many.

    Nothing is queued while the queue holds messages, and no file that has a dead letter.

    Raises
    ------
    StackError
        If the function fails.
    """
    queued: int = call(stack, "SweepFunction", _SWEEP)["queued"]
    return queued


def retry(stack: Stack) -> Iterator[DeadLetter]:
    """Move every message of the dead-letter queues back to its queue, and yield what each is about.

    A message is sent before it is deleted. If interrupted, run it again a quarter of an hour later.
    """
    sqs = stack.client("sqs")
    yield from _moved(sqs, stack.output("IngestDeadLetterQueue"), stack.output("IngestQueue"))
    if stack.has("PublishDeadLetterQueue"):
        yield from _moved(sqs, stack.output("PublishDeadLetterQueue"), stack.output("PublishQueue"))


def _moved(sqs: Any, source: str, target: str) -> Iterator[DeadLetter]:
    for message in _received(sqs, source):
        sqs.send_message(QueueUrl=target, MessageBody=message["Body"])
        sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
        yield _dead_letter(message["Body"])


def _dead_letter(body: str) -> DeadLetter:
    """Read a message of either queue. One that cannot be read must not hold up the others."""
    try:
        message = json.loads(body)
        if "user_id" in message:
            return DeadLetter(message["user_id"], message.get("error", _UNKNOWN))
        return DeadLetter(message["detail"]["object"]["key"], _UNKNOWN)
    except (ValueError, TypeError, KeyError):
        return DeadLetter(body, _UNKNOWN)


def _received(sqs: Any, queue: str) -> list[Any]:
    """Receive all messages before any is sent again: one that fails again at once could keep the loop going."""
    options = {"QueueUrl": queue, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1, "VisibilityTimeout": _HIDDEN}
    messages: list[Any] = []
    while found := sqs.receive_message(**options).get("Messages"):
        messages += found
    return messages
