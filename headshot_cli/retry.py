"""Retries files in the drop box and the messages in the dead-letter queues."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from headshot_cli.stack import Stack, StackError

# Seconds for which received messages are hidden from others, time enough to send thousands.
_HIDDEN = 900

# What the schedule says, too, but for the files that were rejected and could not be moved.
_SWEEP = {"task": "files", "older_than": 600, "rejected": True}

_UNKNOWN = "it failed too often; the function's log says why"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A user whose photo, or the file that was given up, and why, as far as that is known."""

    subject: str
    error: str


def queue_files(stack: Stack) -> int:
    """Have the stack queue the files that have lain in the drop box for ten minutes, and return how many.

    Nothing is queued while the queue holds messages, and nothing that a dead letter is about.

    Raises
    ------
    StackError
        If the function fails.
    """
    called = stack.client("lambda").invoke(FunctionName=stack.output("SweepFunction"), Payload=json.dumps(_SWEEP))
    answer = json.load(called["Payload"])
    if "FunctionError" in called:
        raise StackError(f"The drop box could not be swept: {answer.get('errorMessage')}. Sweep's log group says more.")
    queued: int = answer["queued"]
    return queued


def retry(stack: Stack) -> Iterator[DeadLetter]:
    """Put everything in the dead-letter queues back to where it came from, and tell what.

    Each is put back before it is taken out: who is interrupted may run it again, a quarter of an hour later.
    """
    sqs = stack.client("sqs")
    yield from _moved(sqs, stack.output("IngestDeadLetterQueue"), stack.output("IngestQueue"))
    if stack.has("PublishDeadLetterQueue"):
        yield from _moved(sqs, stack.output("PublishDeadLetterQueue"), stack.output("PublishQueue"))


def _moved(sqs: Any, source: str, target: str) -> Iterator[DeadLetter]:
    for message in _received(sqs, source):
        sqs.send_message(QueueUrl=target, MessageBody=message["Body"])
        sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
        yield _letter(message["Body"])


def _letter(body: str) -> DeadLetter:
    """Read a message of either queue; one that can't be read must not hold up the others."""
    try:
        message = json.loads(body)
        if "user_id" in message:
            return DeadLetter(message["user_id"], message.get("error", _UNKNOWN))
        return DeadLetter(message["detail"]["object"]["key"], _UNKNOWN)
    except (ValueError, TypeError, KeyError):
        return DeadLetter(body, _UNKNOWN)


def _received(sqs: Any, queue: str) -> list[Any]:
    """Receive all messages before any is sent again: what fails at once comes back before the queue is empty."""
    options = {"QueueUrl": queue, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1, "VisibilityTimeout": _HIDDEN}
    messages: list[Any] = []
    while found := sqs.receive_message(**options).get("Messages"):
        messages += found
    return messages
