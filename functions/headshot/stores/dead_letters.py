"""A dead-letter queue, in SQS: messages that failed for good, until an administrator retries them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import boto3

from headshot.stores.aws import CLIENT_CONFIG, store_errors

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# Letters read at most in one go, and seconds for which they are hidden from `headshot retry` should the reader die.
MOST = 1000
_HIDDEN = 60
_BATCH = 10


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that failed: its body, and the handle by which it is deleted or released."""

    body: str
    receipt_handle: str


class DeadLetterQueue:
    """Reads a dead-letter queue. Every method raises StoreUnavailable if SQS fails."""

    def __init__(self, url: str, client: "SQSClient") -> None:
        self._url = url
        self._sqs = client

    @classmethod
    def at(cls, url: str) -> Self:
        """Open the queue at `url`."""
        return cls(url, boto3.client("sqs", config=CLIENT_CONFIG))

    def read(self) -> list[DeadLetter]:
        """Return the letters, at most MOST, and hide them from others until they are released or a minute is over."""
        letters: list[DeadLetter] = []
        while len(letters) < MOST:
            with store_errors():
                found = self._sqs.receive_message(
                    QueueUrl=self._url,
                    MaxNumberOfMessages=_BATCH,
                    WaitTimeSeconds=1,  # asks all of SQS's servers, so that none left means none
                    VisibilityTimeout=_HIDDEN,
                ).get("Messages", [])
            if not found:
                break
            letters += [DeadLetter(message["Body"], message["ReceiptHandle"]) for message in found]
        return letters

    def delete(self, letter: DeadLetter) -> None:
        """Delete a letter."""
        with store_errors():
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt_handle)

    def release(self, letters: Iterable[DeadLetter]) -> None:
        """Make letters visible again, for `headshot retry` in particular."""
        for letter in letters:
            with store_errors():
                self._sqs.change_message_visibility(
                    QueueUrl=self._url, ReceiptHandle=letter.receipt_handle, VisibilityTimeout=0
                )
