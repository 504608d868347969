"""The queue of files in the drop box that wait to be ingested.

A message only says that a file of some name has arrived. The file is looked up when the message is processed, so late
and repeated messages do no harm.
"""

import json
import os
from typing import Self

from headshot.stores.aws import client, store_errors
from headshot.stores.queues import Queue

_PREFIX = "dropbox/"


def file_name_of(body: str) -> str:
    """Return the name of the file that a message is about.

    The message is S3's event as EventBridge sends it ("EventBridge event message structure", S3 User Guide). Unlike in
    S3's own notifications, its key is not URL-encoded. Powertools' S3EventBridgeNotificationEvent decodes it all the
    same, and would look for `ada photos.jpg` instead of `ada+photos.jpg`.

    Raises
    ------
    ValueError
        If the message is about no file.
    """
    try:
        key: str = json.loads(body)["detail"]["object"]["key"]
        return key.removeprefix(_PREFIX)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError("This message names no file.") from error


def event_id_of(body: str) -> str | None:
    """Return the id of the event in a message, or None: what the sweep queues is no event."""
    try:
        found = json.loads(body).get("id")
    except (ValueError, AttributeError, RecursionError):
        return None
    return found if isinstance(found, str) else None


class IngestQueue(Queue):
    """Holds names of files. Every method raises StoreUnavailable if SQS fails."""

    @classmethod
    def from_environment(cls) -> Self:
        """Open the queue that the template names."""
        return cls(os.environ["INGEST_QUEUE"], client("sqs"))

    def add(self, name: str) -> None:
        """Queue a file, in the part of S3's event that `file_name_of` reads."""
        self._send(json.dumps({"detail": {"object": {"key": f"{_PREFIX}{name}"}}}))

    def is_empty(self) -> bool:
        """Return whether no message waits or is being processed. SQS's counts may lag by a minute."""
        with store_errors("SQS"):
            found = self._sqs.get_queue_attributes(
                QueueUrl=self._url,
                AttributeNames=[
                    "ApproximateNumberOfMessages",
                    "ApproximateNumberOfMessagesNotVisible",
                    "ApproximateNumberOfMessagesDelayed",
                ],
            )
        return not any(int(count) for count in found["Attributes"].values())
