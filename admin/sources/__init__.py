"""Where photos to import come from: a module each, behind one interface."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Candidate:
    """A picture that is to become somebody's photo: `name` tells a person where it lies, `read` gives its bytes.

    `read` is None where the source knows of the person and has no picture.
    """

    user_id: str
    name: str
    read: Callable[[], bytes] | None


class Source(Protocol):
    """Gives everybody whose photo it knows of, each once."""

    def candidates(self) -> Iterator[Candidate]:
        """Give them one after the other, without reading any picture. Raises StackError if it can't."""

    def __len__(self) -> int:
        """Tell about how many there are, for a progress bar."""
