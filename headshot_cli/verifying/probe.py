"""The users that `headshot verify` creates to try a stack with, and their erasure."""

import io
import re
import secrets
import time
from collections.abc import Callable
from functools import cached_property
from http import HTTPStatus
from typing import Any, TypeVar

from PIL import Image

from headshot_cli.api import Api, user_path
from headshot_cli.http import Response
from headshot_cli.stack import Stack, StackError

# Seconds to wait for what goes through queues, which takes less than ten on AWS.
PATIENCE = 90.0

_PAUSE = 0.5

# A check reports a failing stack instead of waiting for it.
_RETRIES = 2

T = TypeVar("T")


class Failed(Exception):  # noqa: N818  it is the result of a check
    """The stack does not behave as it should; the text says how."""


class NotTried(Exception):  # noqa: N818  it is the result of a check
    """The check cannot be run here or by this caller; the text says why."""


class Probe:
    """Users named `headshot-verify-…` and the requests made for them.

    Always call `clean_up` at the end, also after an error. Set `interrupted` to stop once no request is in flight: an
    upload that is cut off may still store a photo after the erasure.
    """

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.api = Api(stack, retries=_RETRIES)
        self.interrupted = False
        self._prefix = f"headshot-verify-{secrets.token_hex(4)}"
        self._users: dict[str, None] = {}
        self._photo: dict[str, Any] | None = None

    def user(self, ending: str = "") -> str:
        """Return the id of a new user, whom `clean_up` will erase."""
        user_id = self._prefix + ending
        self._users[user_id] = None
        return user_id

    def check_interrupted(self) -> None:
        """Raise KeyboardInterrupt if the run is to stop."""
        if self.interrupted:
            raise KeyboardInterrupt

    def eventually(self, condition: Callable[[], T]) -> T:
        """Call `condition` until it returns something true or PATIENCE ends, and return its last result."""
        deadline = time.monotonic() + PATIENCE
        while not (found := condition()) and time.monotonic() < deadline:
            self.check_interrupted()
            time.sleep(_PAUSE)  # polls: nothing notifies of the condition
        return found

    def fill_in(self, command: str) -> str:
        """Return a command with its placeholders, such as `<PhotosBucket>`, replaced by region and stack outputs."""

        def value(name: re.Match[str]) -> str:
            if name[1] == "region":
                return self.api.region
            return self.stack.output(name[1]) if self.stack.has(name[1]) else name[0]

        return re.sub(r"<(\w+)>", value, command)

    @property
    def photo(self) -> dict[str, Any]:
        """Return the record of a photo that is uploaded on first use.

        Raise what `upload` raises, and NotTried once the upload has failed.
        """
        self.check_admission()
        if self._photo is None:
            if self._prefix in self._users:
                raise NotTried("There is no photo to try it on, because the upload failed.")
            self._photo = self.upload(self.user())
        return self._photo

    def upload(self, user_id: str) -> dict[str, Any]:
        """Upload a picture for a user created by `user`, and return the record.

        Raises
        ------
        NotTried
            If the caller is not allowed to call the API.
        Failed
            If the upload is rejected for any other reason.
        """
        self.check_admission()
        response = self.api.exchange("PUT", user_path(user_id), picture())
        if response.status not in {HTTPStatus.OK, HTTPStatus.CREATED} or not isinstance(response.value, dict):
            raise Failed(f"PUT {user_path(user_id)} returns {response}.")
        return dict(response.value)

    def record(self, user_id: str) -> Response:
        """Request the record of a user created by `user`."""
        self.check_admission()
        return self.api.exchange("GET", user_path(user_id))

    def check_admission(self) -> None:
        """Raise NotTried if the caller is not allowed to erase. The API is asked once, for a user who does not exist.

        Whoever may not erase would leave the users behind. The policy that allows it allows everything else.
        """
        if self._is_rejected:
            raise NotTried(
                f"Your credentials are not allowed to erase users ({self._first_response}). Attach the policy"
                " AdministerPolicyArn, an output of the stack."
            )

    @property
    def _is_rejected(self) -> bool:
        return self._first_response.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}

    @cached_property
    def _first_response(self) -> Response:
        return self.api.exchange("DELETE", user_path(self._prefix))

    def clean_up(self) -> list[str]:
        """Erase all users created by `user`. Return a line for each that could not be erased, with what to do."""
        left = []
        for user_id in self._users:
            try:
                response = self.api.exchange("DELETE", user_path(user_id))
                reason = "" if response.status == HTTPStatus.OK or self._is_rejected else f"{response}."
            except StackError as error:
                reason = str(error)
            if reason:
                left.append(f"{user_id} is not erased: {reason} Run: headshot erase {user_id}")
        self._users.clear()
        return left


def picture() -> bytes:
    """Return a picture that Headshot accepts, as a JPEG."""
    drawn = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(drawn, "JPEG")
    return drawn.getvalue()
