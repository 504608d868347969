"""Runs the checks of docs/not-yet-verified.md against a deployed stack, and cleans up after itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from botocore.exceptions import BotoCoreError, ClientError

from headshot_cli.stack import StackError
from headshot_cli.verifying.check import Check
from headshot_cli.verifying.probe import Failed, NotTried, Probe

_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}

Result = Literal["verified", "failed", "by hand"]


@dataclass(frozen=True, slots=True)
class Row:
    """The result of a check.

    `detail` says what the check saw, or why it was not run. `command` shows how to run it by hand.
    """

    check: str
    what: str
    result: Result
    detail: str
    command: str


def verify(probe: Probe, checks: Sequence[Check]) -> Iterator[Row]:
    """Run checks one by one, and yield the result of each.

    A check for which the caller lacks a permission is left to be done by hand. A failing check raises nothing;
    KeyboardInterrupt is raised between checks once the probe is interrupted.
    """
    for check in checks:
        probe.check_interrupted()
        result, detail = _run(check, probe)
        yield Row(check.name, check.what, result, detail, probe.fill_in(check.command))


def _run(check: Check, probe: Probe) -> tuple[Result, str]:
    if check.run is None:
        return "by hand", "This command cannot try it."
    try:
        return "verified", check.run(probe)
    except NotTried as reason:
        return "by hand", str(reason)
    except ClientError as error:
        denied = error.response["Error"]["Code"] in _DENIED
        return ("by hand" if denied else "failed"), str(error)
    except (Failed, StackError, BotoCoreError) as error:
        return "failed", str(error)
