"""The queue of users that wait to be published, because their photo changed or was erased.

A message names the user, and the correlation id of the change. The record is read when the message is processed, so
late and repeated messages do no harm.
"""

import json
from typing import Self

from headshot import urls
from headshot.identity.required import required
from headshot.problems import InvalidUserId
from headshot.stores.aws import client
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


def correlation_id_of(body: str) -> str | None:
    """Return the correlation id in a message, or None: messages of earlier versions have none."""
    try:
        found = json.loads(body).get("correlation_id")
    except (ValueError, AttributeError, RecursionError):
        return None
    return found if isinstance(found, str) else None


class PublishQueue(Queue):
    """Holds user ids. Every method raises StoreUnavailable if SQS fails."""

    @classmethod
    def from_environment(cls) -> Self:
        """Open the queue that the template names, or raise NoIdentityProviderError if there is none."""
        return cls(required("PUBLISH_QUEUE"), client("sqs"))

    def add(self, user_id: str, correlation_id: str | None = None) -> None:
        """Queue a user, with the correlation id of the change."""
        self._send(json.dumps({"user_id": user_id, "correlation_id": correlation_id}))
