"""Sends again what publish has given up."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from admin.stack import Stack


@dataclass(frozen=True, slots=True)
class Letter:
    """A user whose photo was given up, and why, as far as that is known."""

    user_id: str
    error: str


def retry(stack: Stack) -> Iterator[Letter]:
    """Put every user in the dead-letter queue back into the queue of publish, and tell whom.

    Each is put back before it is taken out: who is interrupted may run it again.
    """
    sqs, dead_letters, queue = stack.client("sqs"), stack.output("DeadLetterQueue"), stack.output("PublishQueue")
    while found := sqs.receive_message(QueueUrl=dead_letters, MaxNumberOfMessages=10, WaitTimeSeconds=1).get(
        "Messages"
    ):
        for message in found:
            letter = json.loads(message["Body"])
            sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"user_id": letter["user_id"]}))
            sqs.delete_message(QueueUrl=dead_letters, ReceiptHandle=message["ReceiptHandle"])
            yield Letter(letter["user_id"], letter.get("error", "publish failed; its log says why"))
