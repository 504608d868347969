"""Commands about the stack."""

import json
import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer

from headshot_cli import output, records
from headshot_cli.commands.options import AsJson, StackName
from headshot_cli.reconcile import reconcile as reconcile_stack
from headshot_cli.retry import queue_files
from headshot_cli.retry import retry as retry_stack
from headshot_cli.stack import Stack
from headshot_cli.verifying import Row
from headshot_cli.verifying import verify as verify_stack
from headshot_cli.verifying.checks import CHECKS
from headshot_cli.verifying.probe import Probe


def status(stack: StackName = "headshot", as_json: AsJson = False) -> None:
    """Count photos, what waits and what failed.

    The exit code is 1 if anything failed, a file waits in the drop box for over 30 minutes, a photo was not tried at
    the identity provider for 15 minutes, or an alarm sounds or would reach nobody (its topic is gone, encrypted with a
    key that CloudWatch cannot use, or lets nobody publish). In a large import many photos take longer; when nothing
    waits to be published any more, run `headshot reconcile`.
    """
    found = records.status(Stack(stack))
    output.show_one(found, as_json=as_json)
    raise typer.Exit(int(not records.is_healthy(found)))


def retry(stack: StackName = "headshot", as_json: AsJson = False) -> None:
    """Retry failed uploads and publications, and files that wait in the drop box, and list them.

    Fix the cause first: see `headshot list --unpublished`, and the functions' logs.
    """
    target = Stack(stack)
    queued = queue_files(target)  # first: it queues nothing while the queue holds messages
    if queued:
        output.note(f"Queued from the drop box: {queued}")
    letters = []
    for letter in retry_stack(target):
        letters.append(asdict(letter))
        if not as_json:
            output.say(f"{letter.subject}: {letter.error}")
    if as_json:
        output.show(letters, as_json=True)
    else:
        output.say(f"Sent again: {len(letters)}")


def reconcile(
    stack: StackName = "headshot",
    start_after: Annotated[
        str | None, typer.Option(metavar="USER", help="User id with which an interrupted run ended.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare all photos with the identity provider, and publish those that differ; exit with 1 if any failed.

    It says every twenty seconds how far it has come, in JSON by a line each time, and who failed and why. Erasures that
    the identity provider has not confirmed yet are retried.
    """
    failed = False
    for answer in reconcile_stack(Stack(stack), start_after):
        failed = bool(answer["error"] or answer["summary"]["failed"])
        if as_json:
            typer.echo(json.dumps(answer))
            continue
        for failure in answer["failures"]:
            output.say(f"{failure['user_id']}: {failure['error']}")
        counts = ", ".join(f"{count} {name}" for name, count in answer["summary"].items())
        going_on = f" To go on from here: --start-after {answer['start_after']}" if answer["start_after"] else ""
        typer.echo(f"{sum(answer['summary'].values())} records: {counts}.{going_on}")
        if answer["error"]:
            output.say(f"Stopped, since this concerns everybody: {answer['error']}")
    raise typer.Exit(int(failed))


def verify(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="CHECK", help="Names of checks. Without any, all are run.")
    ] = None,
    stack: StackName = "headshot",
    as_json: AsJson = False,
) -> None:
    """Check what only a deployed stack can show, and exit with 1 if anything fails.

    Each check ends as verified, failed, or to be done by hand, with the command for it. A permission that you lack
    leaves a check to be done by hand. Photos are uploaded for users named `headshot-verify-…` only, who are erased at
    the end and after Ctrl-C. docs/not-yet-verified.md explains the checks.
    """
    known = {check.name: check for check in CHECKS}
    if unknown := set(names or ()) - known.keys():
        raise typer.BadParameter(f"There is no check {', '.join(sorted(unknown))}. Choose from {', '.join(known)}.")
    rows: list[Row] = []
    probe = Probe(Stack(stack))
    with _stopping_between_requests(probe):
        try:
            for row in verify_stack(probe, [check for name, check in known.items() if not names or name in names]):
                rows.append(row)
                if not as_json:
                    _show(row)
        finally:
            left = probe.clean_up()
            for text in left:
                output.note(text)
    counts = Counter(row.result for row in rows)
    if as_json:
        output.show([asdict(row) for row in rows], as_json=True)
    else:
        typer.echo(", ".join(f"{counts[result]} {result}" for result in ("verified", "failed", "by hand")))
    raise typer.Exit(int(bool(counts["failed"] or left)))


@contextmanager
def _stopping_between_requests(probe: Probe) -> Iterator[None]:
    """Delay Ctrl-C and SIGTERM until no request is in flight."""

    def stop(_signal: int, _frame: object) -> None:
        output.note("Interrupted. Erasing the users that were made.")
        probe.interrupted = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _show(row: Row) -> None:
    mark, colour = {"verified": ("ok  ", "green"), "failed": ("FAIL", "red"), "by hand": ("hand", "yellow")}[row.result]
    color = False if os.environ.get("NO_COLOR") else None
    typer.echo(f"{typer.style(mark, fg=colour)} {row.check}: {row.what}", color=color)
    output.say(f"     {row.detail}")
    if row.result != "verified":
        output.say(f"     {row.command}")
