"""Sends again what publish has given up."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from admin.stack import Stack

# Seconds for which received messages are hidden from others, time enough to send thousands.
_HIDDEN = 900


@dataclass(frozen=True, slots=True)
class Letter:
    """A user whose photo was given up, and why, as far as that is known."""

    user_id: str
    error: str


def retry(stack: Stack) -> Iterator[Letter]:
    """Put every user in the dead-letter queue back into the queue of publish, and tell whom.

    Each is put back before it is taken out: who is interrupted may run it again, a quarter of an hour later.
    """
    sqs, dead_letters, queue = stack.client("sqs"), stack.output("DeadLetterQueue"), stack.output("PublishQueue")
    for message in _received(sqs, dead_letters):
        letter = json.loads(message["Body"])
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"user_id": letter["user_id"]}))
        sqs.delete_message(QueueUrl=dead_letters, ReceiptHandle=message["ReceiptHandle"])
        yield Letter(letter["user_id"], letter.get("error", "publish failed; its log says why"))


def _received(sqs: Any, queue: str) -> list[Any]:
    """Receive all messages before any is sent again: what fails at once comes back before the queue is empty."""
    options = {"QueueUrl": queue, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1, "VisibilityTimeout": _HIDDEN}
    messages: list[Any] = []
    while found := sqs.receive_message(**options).get("Messages"):
        messages += found
    return messages
