"""What the queues share, in SQS."""

from typing import TYPE_CHECKING

from headshot.stores.aws import store_errors

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# The longest delay in seconds. SQS counts its 12 hours from the receipt of a message ("ChangeMessageVisibility", SQS
# API reference), and publish may have run for up to 200 s by then.
_LONGEST = 43_200 - 200


class Queue:
    """A queue. Every method raises StoreUnavailable if SQS fails."""

    def __init__(self, url: str, client: "SQSClient") -> None:
        self._url = url
        self._sqs = client

    def delay(self, receipt_handle: str, seconds: float) -> None:
        """Make a received message visible again after `seconds`, at most 12 hours."""
        with store_errors("SQS"):
            self._sqs.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=receipt_handle, VisibilityTimeout=min(round(seconds), _LONGEST)
            )

    def _send(self, body: str) -> None:
        with store_errors("SQS"):
            self._sqs.send_message(QueueUrl=self._url, MessageBody=body)
