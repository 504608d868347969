"""The users who have a photo, and the user ids among them that resemble another."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from headshot_cli.api import Api
from headshot_cli.stack import StackError

_CLOSE = 0.8  # by difflib's measure: one letter of five

UNTRIED = "untried"

# What people read instead of a publish status.
_LABELS = {"waiting": "waiting for the account", UNTRIED: "not tried"}


def users(api: Api) -> Iterator[dict[str, Any]]:
    """Yield the record of every user, as the API returns it. Raise what `Api.send` raises.

    Erased people have none, and the neutral picture that replaces their photos is not a user's.
    """
    return api.pages("/users", "users")


def user_ids(api: Api) -> Iterator[str]:
    """Yield every user id that has a photo. Raise what `Api.send` raises."""
    return (record["user_id"] for record in users(api))


def user_ids_for_hint(api: Api) -> list[str]:
    """Return what `user_ids` yields, or an empty list if the API fails: a hint is not worth an error."""
    try:
        return list(user_ids(api))
    except StackError:
        return []


def publish_status(record: Mapping[str, Any]) -> str:
    """Return how a photo's URL fares at the identity provider.

    That is "published", "retrying", "waiting" or "failed", as the record says, or "untried" if publish has not tried it
    yet.
    """
    published = record["published"]
    return str(published["status"]) if published else UNTRIED


def label(status: str) -> str:
    """Return what people read for a publish status."""
    return _LABELS.get(status, status)


def differing_in_case(user_ids: Iterable[str], user_id: str) -> list[str]:
    """Return the user ids that differ from `user_id` in case only."""
    folded = user_id.casefold()
    return sorted(other for other in user_ids if other.casefold() == folded and other != user_id)


def similar(user_ids: Iterable[str], user_id: str) -> list[str]:
    """Return up to three user ids that differ from `user_id` in case or by a letter or two, the closest first."""
    folded = {other.casefold(): other for other in user_ids if other != user_id}
    return [folded[close] for close in get_close_matches(user_id.casefold(), folded, cutoff=_CLOSE)]
