"""The queue of users that wait to be published, because their photo changed or was erased.

A message only names the user. The record is read when the message is processed, so late and repeated messages do no
harm.
"""

import json
from typing import Self

import boto3

from headshot import urls
from headshot.identity.required import required
from headshot.problems import InvalidUserId
from headshot.stores.aws import CLIENT_CONFIG
from headshot.stores.queues import Queue


def user_id_of(body: str) -> str:
    """Return the user id in a message of this queue or its dead-letter queue.

    Raises
    ------
    ValueError
        If the message names no user id.
    """
    try:
        return urls.check_user_id(json.loads(body)["user_id"])
    except (ValueError, TypeError, KeyError, RecursionError, InvalidUserId) as error:
        raise ValueError("This message names no user id.") from error


class PublishQueue(Queue):
    """Holds user ids. Every method raises StoreUnavailable if SQS fails."""

    @classmethod
    def from_environment(cls) -> Self:
        """Open the queue that the template names, or raise NoIdentityProviderError if there is none."""
        return cls(required("PUBLISH_QUEUE"), boto3.client("sqs", config=CLIENT_CONFIG))

    def add(self, user_id: str) -> None:
        """Queue a user."""
        self._send(json.dumps({"user_id": user_id}))
