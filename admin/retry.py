"""Sends again what publish and ingest have given up."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from admin.stack import Stack

# Seconds for which received messages are hidden from others, time enough to send thousands.
_HIDDEN = 900

_UNKNOWN = "it failed too often; the function's log says why"


@dataclass(frozen=True, slots=True)
class Letter:
    """A user whose photo, or the file that was given up, and why, as far as that is known."""

    subject: str
    error: str


def retry(stack: Stack) -> Iterator[Letter]:
    """Put everything in the dead-letter queues back to where it came from, and tell what.

    Each is put back before it is taken out: who is interrupted may run it again, a quarter of an hour later.
    """
    sqs = stack.client("sqs")
    for message in _moved(sqs, stack.output("IngestDeadLetterQueue"), stack.output("IngestQueue")):
        yield Letter(message["detail"]["object"]["key"], _UNKNOWN)
    if stack.has("DeadLetterQueue"):
        for message in _moved(sqs, stack.output("DeadLetterQueue"), stack.output("PublishQueue")):
            yield Letter(message["user_id"], message.get("error", _UNKNOWN))


def _moved(sqs: Any, source: str, target: str) -> Iterator[dict[str, Any]]:
    for message in _received(sqs, source):
        sqs.send_message(QueueUrl=target, MessageBody=message["Body"])
        sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
        yield json.loads(message["Body"])


def _received(sqs: Any, queue: str) -> list[Any]:
    """Receive all messages before any is sent again: what fails at once comes back before the queue is empty."""
    options = {"QueueUrl": queue, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1, "VisibilityTimeout": _HIDDEN}
    messages: list[Any] = []
    while found := sqs.receive_message(**options).get("Messages"):
        messages += found
    return messages
