"""The queues of publish, in SQS: whose photo changed, and who was given up.

A message says only whose. What is to be published is read when it is, so that a message that comes late or twice does
no harm.
"""

import json
import os
from typing import TYPE_CHECKING, Self

import boto3

from headshot import clock, urls
from headshot.identity.required import required
from headshot.problems import InvalidUserId
from headshot.stores.aws import CLIENT_CONFIG, store_errors

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

# Seconds for which SQS lets a message be invisible, less those that publish may have run by then: the 12 hours count
# from when the message was received ("ChangeMessageVisibility", SQS API reference).
_LONGEST = 43_200 - 200


def parse_message(body: str) -> str:
    """Return the user id in a message, or raise ValueError if it is not one of these queues."""
    try:
        return urls.check_user_id(json.loads(body)["user_id"])
    except (ValueError, TypeError, KeyError, RecursionError, InvalidUserId) as error:
        raise ValueError("This message names no user id.") from error


class PublishQueue:
    """Holds user ids until their photos are published. Every method raises StoreUnavailable when SQS fails."""

    def __init__(self, url: str, client: "SQSClient") -> None:
        self._url = url
        self._sqs = client

    @classmethod
    def from_environment(cls) -> Self:
        """Open the queue that the template names, or raise NoIdentityProviderError if there is none."""
        return cls(required("PUBLISH_QUEUE"), boto3.client("sqs", config=CLIENT_CONFIG))

    def add(self, user_id: str) -> None:
        """Have the user's photo published."""
        with store_errors("SQS"):
            self._sqs.send_message(QueueUrl=self._url, MessageBody=json.dumps({"user_id": user_id}))

    def delay(self, receipt_handle: str, seconds: float) -> None:
        """Make a received message visible again after `seconds`, at most 12 hours."""
        with store_errors("SQS"):
            self._sqs.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=receipt_handle, VisibilityTimeout=min(round(seconds), _LONGEST)
            )


class PublishDeadLetterQueue:
    """Holds the user ids that were given up, with the reason, until an administrator sends them again."""

    def __init__(self, url: str, client: "SQSClient") -> None:
        self._url = url
        self._sqs = client

    @classmethod
    def from_environment(cls) -> Self:
        """Open the queue that the template names."""
        return cls(os.environ["PUBLISH_DEAD_LETTER_QUEUE"], boto3.client("sqs", config=CLIENT_CONFIG))

    def add(self, user_id: str, error: str) -> None:
        """Keep a user id with the reason for which it was given up. Raises StoreUnavailable when SQS fails."""
        letter = {"user_id": user_id, "error": error, "at": clock.now()}
        with store_errors("SQS"):
            self._sqs.send_message(QueueUrl=self._url, MessageBody=json.dumps(letter, ensure_ascii=False))
