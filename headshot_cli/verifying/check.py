"""A row of docs/not-yet-verified.md."""

from collections.abc import Callable
from dataclasses import dataclass

from headshot_cli.verifying.probe import Probe


@dataclass(frozen=True, slots=True)
class Check:
    """A row of the table.

    `what` is true of a stack that works. `command` shows it by hand, with outputs of the stack written as
    `<PhotosBucket>`. `run` tries it and returns what it saw, or raises Failed, NotTried or an error of boto3. Without
    `run`, the check can only be done by hand.
    """

    name: str
    what: str
    command: str
    run: Callable[[Probe], str] | None = None
