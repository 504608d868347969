"""Erases a person, and waits until the identity provider has confirmed it."""

import time
from typing import Any

from headshot_cli.api import Api, user_path
from headshot_cli.stack import StackError

# Seconds between two requests, and after which the command stops waiting.
_PAUSE, _PATIENCE = 2, 30

# The counts in a receipt, and what they are called.
_COUNTED = {"photos": "photo", "files": "file in the drop box", "uploads": "upload record"}
_PLURAL = {"photos": "photos", "files": "files in the drop box", "uploads": "upload records"}

_RETRIED = "It is retried for a day. Run the same command again to see its status."

Receipt = dict[str, Any]


def erase(api: Api, user_id: str) -> Receipt:
    """Erase everything about a user, and return the API's receipt.

    It has the `user_id`, how many `photos`, `files` and `uploads` were deleted, whether there was a `record`, and in
    `identity_provider` the erasure that is not confirmed there: None, or `status`, `at`, `attempts` and `error`.

    Raises
    ------
    StackError
        If the API answers with an error, or without a receipt.
    """
    receipt = api.call("DELETE", user_path(user_id))
    if not isinstance(receipt, dict):
        raise StackError(
            f"Erased: {user_id}. The stack is older than this command and does not say what was deleted. Update it."
        )
    return receipt


def confirmed(api: Api, receipt: Receipt) -> Receipt:
    """Wait up to half a minute until the identity provider has confirmed, and return the receipt with its last status.

    This erases again: that is safe, and the receipt has the current status.
    """
    deadline = time.monotonic() + _PATIENCE
    while _may_be_confirmed_soon(receipt) and time.monotonic() < deadline:
        time.sleep(_PAUSE)  # polls: nothing notifies of the confirmation
        receipt = receipt | {"identity_provider": erase(api, receipt["user_id"])["identity_provider"]}
    return receipt


def is_empty(receipt: Receipt) -> bool:
    """Return whether there was nothing to delete, here or at the identity provider."""
    return not any(receipt[name] for name in (*_COUNTED, "record", "identity_provider"))


def summary(receipt: Receipt) -> str:
    """Return a sentence about what was deleted."""
    parts = [
        f"{receipt[name]} {_COUNTED[name] if receipt[name] == 1 else _PLURAL[name]}"
        for name in _COUNTED
        if receipt[name]
    ]
    parts += ["the record"] if receipt["record"] else []
    return f"Erased {receipt['user_id']}: {', '.join(parts) or 'nothing was left to delete'}."


def unconfirmed(receipt: Receipt) -> str:
    """Return what the identity provider has not confirmed and what to do, or the empty string if nothing is left."""
    match receipt["identity_provider"]:
        case None:
            return ""
        case {"status": "failed", "error": error}:
            text, advice = "The identity provider still has the photo's URL.", "Fix the cause, then run: headshot retry"
        case {"status": "waiting", "error": error}:
            text, advice = f"The identity provider does not know {receipt['user_id']}.", _RETRIED
        case {"error": error}:
            text, advice = "The identity provider has not confirmed yet.", _RETRIED
    return " ".join(filter(None, [text, error, advice]))


def _may_be_confirmed_soon(receipt: Receipt) -> bool:
    pending = receipt["identity_provider"]
    return bool(pending) and pending["status"] in {"pending", "retrying"}
