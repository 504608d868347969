"""Where photos to import come from: a module each, behind one interface."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from headshot.problems import InvalidUserId
from headshot.urls import check_user_id

_NAMED = 4  # of those who have one user id


class NoPicture(Exception):  # noqa: N818  # it is an answer, no error
    """The source knows of the person and has no picture; the text says so."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whose photo is to be brought: `name` tells a person where it lies, `read` gives its bytes.

    `read` raises NoPicture if there is none, OSError if it can't be read, and StackError if nothing of the source can.
    `flaw` says why this one can't be imported, if that is known before it is read.
    """

    user_id: str
    name: str
    read: Callable[[], bytes]
    flaw: str = ""


class Source(Protocol):
    """Knows people, and their pictures."""

    def candidates(self) -> list[Candidate]:
        """Return everybody, without reading any picture. Raise StackError if the source can't be read."""


def vetted(candidates: Iterable[Candidate], known: Iterable[str]) -> list[Candidate]:
    """Return the candidates, each with the flaw of its user id, if it has one.

    An id may be none, or several candidates' own. One that differs in case only from another candidate's, or from a
    `known` one, would be a second record of the same person: identity providers take both for one account.
    """
    found = list(candidates)
    alike: defaultdict[str, set[str]] = defaultdict(set)
    for user_id in [*known, *(candidate.user_id for candidate in found)]:
        alike[user_id.casefold()].add(user_id)
    same: defaultdict[str, list[str]] = defaultdict(list)
    for candidate in found:
        same[candidate.user_id].append(candidate.name)
    return [
        candidate
        if candidate.flaw
        else replace(candidate, flaw=_flaw(candidate.user_id, same, alike[candidate.user_id.casefold()]))
        for candidate in found
    ]


def _flaw(user_id: str, same: dict[str, list[str]], alike: set[str]) -> str:
    try:
        check_user_id(user_id)
    except InvalidUserId as problem:
        return problem.detail
    if len(same[user_id]) > 1:
        return f"{_listed(same[user_id])} have the same user id, {user_id}. Keep one of them."
    if others := sorted(alike - {user_id}):
        return (
            f"{_listed([user_id, *others])} differ in case only, and identity providers take them for one account."
            " Use one spelling, and erase the other."
        )
    return ""


def _listed(names: list[str]) -> str:
    """Name some, and count the others."""
    more = [f"{len(names) - _NAMED} more"] if len(names) > _NAMED else []
    return " and ".join(names[:_NAMED] + more)
