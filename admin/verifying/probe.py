"""The users on whom a stack is tried, and the erasure of all that was made of them."""

import io
import json
import re
import secrets
import time
from collections.abc import Callable
from functools import cached_property
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote

from botocore.exceptions import BotoCoreError, ClientError
from PIL import Image

from admin.stack import Stack, StackError
from admin.verifying.wire import Answer, Wire

# Seconds to wait for what goes through queues, which takes less than ten on AWS.
PATIENCE = 90.0

_PAUSE = 0.5

# Seconds for which other users' failed publications stay hidden while ours are looked for.
_HIDDEN = 30

T = TypeVar("T")


class Failed(Exception):  # noqa: N818  it is the outcome of a check
    """The stack does something else than it should; the text says what."""


class NotTried(Exception):  # noqa: N818  it is the outcome of a check
    """The check cannot be run here or by this caller; the text says why."""


def user_path(user_id: str) -> str:
    """Return the path of a user's photo on the API, encoded as the other commands do it."""
    return f"/users/{quote(user_id, safe='')}/photo"


class Probe:
    """Users named `headshot-verify-…` and the requests that are made for them.

    Whoever makes one calls `clean_up` at the end, whatever happens. Set `interrupted` to stop as soon as no request is
    under way: one that is cut off may still store a photo after the erasure.
    """

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.wire = Wire(stack.output("ApiEndpoint"))
        self.interrupted = False
        self._prefix = f"headshot-verify-{secrets.token_hex(4)}"
        self._users: dict[str, None] = {}
        self._photo: dict[str, Any] | None = None

    def user(self, ending: str = "") -> str:
        """Return the id of a user of our own, whom `clean_up` will erase."""
        user_id = self._prefix + ending
        self._users[user_id] = None
        return user_id

    def check_interrupted(self) -> None:
        """Raise KeyboardInterrupt if the run is to stop."""
        if self.interrupted:
            raise KeyboardInterrupt

    def eventually(self, condition: Callable[[], T]) -> T:
        """Return what `condition` returns, as soon as it is true or PATIENCE ends."""
        deadline = time.monotonic() + PATIENCE
        while not (found := condition()) and time.monotonic() < deadline:
            self.check_interrupted()
            time.sleep(_PAUSE)  # polls a condition; there is nothing to be notified by
        return found

    def fill_in(self, command: str) -> str:
        """Put the region and the stack's outputs in the place of their names in a command, such as `<PhotosBucket>`."""

        def value(name: re.Match[str]) -> str:
            if name[1] == "region":
                return self.wire.region
            return self.stack.output(name[1]) if self.stack.has(name[1]) else name[0]

        return re.sub(r"<(\w+)>", value, command)

    @property
    def photo(self) -> dict[str, Any]:
        """Return the record of a photo, which is uploaded the first time.

        Raises what `upload` does, and NotTried once the upload has failed.
        """
        self.check_admission()
        if self._photo is None:
            if self._prefix in self._users:
                raise NotTried("There is no photo to try it on, since the upload has failed.")
            self._photo = self.upload(self.user())
        return self._photo

    def upload(self, user_id: str) -> dict[str, Any]:
        """Upload a picture for a user of our own and return the record.

        Raises
        ------
        NotTried
            If the caller may not call the API.
        Failed
            If the upload is refused in any other way.
        """
        self.check_admission()
        answer = self.wire.send("PUT", user_path(user_id), picture())
        if answer.status not in {HTTPStatus.OK, HTTPStatus.CREATED} or not isinstance(answer.value, dict):
            raise Failed(f"PUT {user_path(user_id)} is answered {answer}.")
        return dict(answer.value)

    def record(self, user_id: str) -> Answer:
        """Ask for the record of a user of our own."""
        self.check_admission()
        return self.wire.send("GET", user_path(user_id))

    def check_admission(self) -> None:
        """Raise NotTried if the caller may not call the API, asked once, of a user id without special characters."""
        if self._is_refused:
            raise NotTried(f"Your credentials may not call the API ({self._first_answer}). Attach the caller policy.")

    @property
    def _is_refused(self) -> bool:
        return self._first_answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}

    @cached_property
    def _first_answer(self) -> Answer:
        return self.wire.send("GET", user_path(self._prefix))

    def clean_up(self) -> list[str]:
        """Erase all users of our own, and return what could not be erased, with how to do it by hand."""
        left = []
        for user_id in self._users:
            try:
                answer = self.wire.send("DELETE", user_path(user_id))
                reason = "" if answer.status == HTTPStatus.OK or self._is_refused else str(answer)
            except StackError as error:
                reason = str(error)
            if reason:
                left.append(f"{user_id} is not erased: {reason} Run: headshot erase {user_id}")
        if self._users and self.stack.has("DeadLetterQueue"):
            try:
                if not self._is_refused:
                    self._drop_dead_letters()
            except (StackError, ClientError, BotoCoreError) as error:
                left.append(f"Failed publications of {self._prefix} may be left: {error} Run: headshot retry")
        self._users.clear()
        return left

    def _drop_dead_letters(self) -> None:
        """Delete the failed publications of our own users, whom no identity provider knows.

        Raises StackError if the queue holds more than can be looked through while it is hidden.
        """
        sqs, queue = self.stack.client("sqs"), self.stack.output("DeadLetterQueue")
        options = {"QueueUrl": queue, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 2, "VisibilityTimeout": _HIDDEN}
        others, deadline = [], time.monotonic() + _HIDDEN / 2
        while messages := sqs.receive_message(**options).get("Messages"):
            for message in messages:
                if self._is_ours(message["Body"]):
                    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
                else:
                    others.append(message["ReceiptHandle"])
            if time.monotonic() > deadline:
                raise StackError("the dead-letter queue holds too many messages.")
        for handle in others:
            sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=handle, VisibilityTimeout=0)

    def _is_ours(self, body: str) -> bool:
        try:
            return str(json.loads(body)["user_id"]).startswith(self._prefix)
        except (ValueError, TypeError, KeyError):
            return False


def picture() -> bytes:
    """Draw a picture that Headshot accepts, as a JPEG."""
    drawn = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(drawn, "JPEG")
    return drawn.getvalue()
