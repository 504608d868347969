"""The queue of the drop box, in SQS: one message for each file that is to be ingested.

A message says only that something came under a name. What is there is looked up when the message is processed, so a
message that arrives late or twice does no harm.
"""

import json
import os
from typing import TYPE_CHECKING, Self

import boto3

from headshot.stores.aws import CLIENT_CONFIG, store_errors

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


def file_name(body: str) -> str:
    """Return the name of the file in the drop box that a message is about.

    Raises
    ------
    ValueError, TypeError, KeyError
        If the body is no message about a file.
    """
    key: str = json.loads(body)["detail"]["object"]["key"]
    return key.removeprefix("dropbox/")


class IngestQueue:
    """Holds the names of files until they are ingested. Every method raises StoreUnavailable if SQS fails."""

    def __init__(self, url: str, client: "SQSClient") -> None:
        self._url = url
        self._sqs = client

    @classmethod
    def from_environment(cls) -> Self:
        """Open the queue that the template names."""
        return cls(os.environ["INGEST_QUEUE"], boto3.client("sqs", config=CLIENT_CONFIG))

    def add(self, name: str) -> None:
        """Have a file ingested. The message has the shape of S3's events, as far as `file_name` reads them."""
        body = {"detail": {"object": {"key": f"dropbox/{name}"}}}
        with store_errors():
            self._sqs.send_message(QueueUrl=self._url, MessageBody=json.dumps(body))

    def is_empty(self) -> bool:
        """Whether no message waits or is being processed, as far as SQS knows: its counts may lag by a minute."""
        with store_errors():
            found = self._sqs.get_queue_attributes(
                QueueUrl=self._url,
                AttributeNames=[
                    "ApproximateNumberOfMessages",
                    "ApproximateNumberOfMessagesNotVisible",
                    "ApproximateNumberOfMessagesDelayed",
                ],
            )
        return not any(int(count) for count in found["Attributes"].values())

    def delay(self, receipt_handle: str, seconds: float) -> None:
        """Make a received message visible again after `seconds`, at most 12 hours less the time since its receipt."""
        with store_errors():
            self._sqs.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=receipt_handle, VisibilityTimeout=round(seconds)
            )
