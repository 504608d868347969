"""The users on whom a stack is tried, and the erasure of all that was made of them."""

import io
import re
import secrets
import time
from collections.abc import Callable
from functools import cached_property
from http import HTTPStatus
from typing import Any, TypeVar

from PIL import Image

from headshot_cli.api import user_path
from headshot_cli.stack import Stack, StackError
from headshot_cli.verifying.wire import Answer, Wire

# Seconds to wait for what goes through queues, which takes less than ten on AWS.
PATIENCE = 90.0

_PAUSE = 0.5

T = TypeVar("T")


class Failed(Exception):  # noqa: N818  it is the outcome of a check
    """The stack does something else than it should; the text says what."""


class NotTried(Exception):  # noqa: N818  it is the outcome of a check
    """The check cannot be run here or by this caller; the text says why."""


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
            If the upload is rejected in any other way.
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
        if self._is_rejected:
            raise NotTried(f"Your credentials may not call the API ({self._first_answer}). Attach the caller policy.")

    @property
    def _is_rejected(self) -> bool:
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
                reason = "" if answer.status == HTTPStatus.OK or self._is_rejected else str(answer)
            except StackError as error:
                reason = str(error)
            if reason:
                left.append(f"{user_id} is not erased: {reason} Run: headshot erase {user_id}")
        self._users.clear()
        return left


def picture() -> bytes:
    """Draw a picture that Headshot accepts, as a JPEG."""
    drawn = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(drawn, "JPEG")
    return drawn.getvalue()
