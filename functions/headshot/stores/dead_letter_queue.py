"""The dead-letter queues of ingest and publish: messages that failed, until an administrator retries them."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from headshot import clock
from headshot.stores.aws import client, store_errors
from headshot.stores.queues import Queue

# `receive` stops after this many messages, and hides them from `headshot retry` for this many seconds, in case the
# caller crashes.
MOST = 1000
_HIDDEN = 60
_BATCH = 10


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that failed: its body, and the handle by which it is deleted or released."""

    body: str
    receipt_handle: str


class DeadLetterQueue(Queue):
    """Holds messages that failed. Every method raises StoreUnavailable if SQS fails."""

    @classmethod
    def from_environment(cls, variable: str) -> Self:
        """Open the queue at the URL in an environment variable."""
        return cls(os.environ[variable], client("sqs"))

    def add(self, user_id: str, error: str, correlation_id: str | None = None) -> None:
        """Add a user that cannot be published, with the reason and the correlation id of the change."""
        message = {"user_id": user_id, "error": error, "at": clock.now(), "correlation_id": correlation_id}
        self._send(json.dumps(message, ensure_ascii=False))  # escaped, a long error could exceed SQS's limit

    def receive(self) -> list[DeadLetter]:
        """Return the messages, up to about MOST, and hide them until they are released or a minute has passed."""
        dead_letters: list[DeadLetter] = []
        while len(dead_letters) < MOST:
            with store_errors("SQS"):
                found = self._sqs.receive_message(
                    QueueUrl=self._url,
                    MaxNumberOfMessages=_BATCH,
                    WaitTimeSeconds=1,  # asks all of SQS's servers, so that an empty response means an empty queue
                    VisibilityTimeout=_HIDDEN,
                ).get("Messages", [])
            if not found:
                break
            dead_letters += [DeadLetter(message["Body"], message["ReceiptHandle"]) for message in found]
        return dead_letters

    def delete(self, dead_letter: DeadLetter) -> None:
        """Delete a message."""
        with store_errors("SQS"):
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=dead_letter.receipt_handle)

    def release(self, dead_letters: Iterable[DeadLetter]) -> None:
        """Make messages visible again at once."""
        for dead_letter in dead_letters:
            self.delay(dead_letter.receipt_handle, 0)
