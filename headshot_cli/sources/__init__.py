"""Where imported photos come from: a module for each kind of source, behind one interface."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from headshot.problems import InvalidUserId
from headshot.urls import check_user_id

_NAMED = 4  # candidates that a message names


class NoPicture(Exception):  # noqa: N818  it is a result, not an error
    """The source knows the person but has no picture; the text says so."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person whose photo is to be imported: `name` says where the picture is, `read` returns its bytes.

    `read` raises NoPicture if there is none, OSError if it cannot be read, and StackError if the whole source cannot.
    `flaw` says why the picture cannot be imported, if that is known before it is read.
    """

    user_id: str
    name: str
    read: Callable[[], bytes]
    flaw: str = ""


class Source(Protocol):
    """A list of people with their pictures."""

    def candidates(self) -> list[Candidate]:
        """Return everyone, without reading pictures. Raise StackError if the source cannot be read."""


def vetted(candidates: Iterable[Candidate], known: Iterable[str]) -> list[Candidate]:
    """Return the candidates, with a flaw for each whose user id is invalid or not unique.

    Ids that differ in case only, from each other or from the ids in `known`, are not unique either: identity providers
    treat them as one account, so they would be two records of one person.
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
            f"{_listed([user_id, *others])} differ in case only, and identity providers treat them as one account."
            " Use one spelling, and erase the other."
        )
    return ""


def _listed(names: list[str]) -> str:
    """Return the first names, and the number of the others."""
    more = [f"{len(names) - _NAMED} more"] if len(names) > _NAMED else []
    return " and ".join(names[:_NAMED] + more)
