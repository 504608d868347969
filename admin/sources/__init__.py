"""Where photos to import come from: a module each, behind one interface."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from admin.stack import StackError


class NoPicture(Exception):  # noqa: N818  # it is an answer, no error
    """The source knows of the person and has no picture; the text says so."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whose photo is to be brought: `name` tells a person where it lies, `read` gives its bytes.

    `read` raises NoPicture if there is none, OSError if it can't be read, and StackError if nothing of the source can.
    """

    user_id: str
    name: str
    read: Callable[[], bytes]


class Source(Protocol):
    """Knows people, and their pictures."""

    def candidates(self) -> list[Candidate]:
        """Give everybody once, without reading any picture. Raises StackError if the source can't be read."""


def unique(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Give the candidates. Raises StackError if two are the same user: nobody could say which picture counts."""
    found: dict[str, Candidate] = {}
    for candidate in candidates:
        other = found.setdefault(candidate.user_id, candidate)
        if other is not candidate:
            raise StackError(f"{other.name} and {candidate.name} are both for {candidate.user_id}. Take one away.")
    return list(found.values())
