"""One link of the chain, and what checking it can result in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal

from botocore.exceptions import ClientError

from headshot_cli.doctor.case import Case

Result = Literal["ok", "broken", "not checked", "not reached"]
OK: Final = "ok"
BROKEN: Final = "broken"
NOT_CHECKED: Final = "not checked"
NOT_REACHED: Final = "not reached"

# SNS has a code of its own; the first two are those of all other services.
_DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError"}


class Broken(Exception):  # noqa: N818  it is a result
    """The link is broken; the text says how, and what to do."""


class NotChecked(Exception):  # noqa: N818  it is a result
    """The link cannot be checked by this caller, or does not apply; the text says why."""


@dataclass(frozen=True, slots=True)
class Row:
    """The result for one link. `detail` says what was found and, if the link is broken, what to do."""

    link: str
    result: Result
    detail: str


@dataclass(frozen=True, slots=True)
class Link:
    """One link. It is reached only if the links named in `after` are in order.

    `check` returns what was found, or raises Broken, NotChecked, StackError or an error of boto3. `of_user` says that
    the link concerns one person.
    """

    name: str
    check: Callable[[Case], str]
    after: tuple[str, ...] = ()
    of_user: bool = False


def is_denied(error: ClientError) -> bool:
    """Return whether the caller lacks a permission."""
    return error.response["Error"]["Code"] in _DENIED


@contextmanager
def permission(action: str) -> Iterator[None]:
    """Raise NotChecked, which names `action`, if the block lacks this permission."""
    try:
        yield
    except ClientError as error:
        if not is_denied(error):
            raise
        raise NotChecked(f"Your AWS credentials lack the permission {action}.") from error
