"""Commands about the stack."""

import json
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer

from headshot_cli import output
from headshot_cli.api import Api
from headshot_cli.commands.options import AsJson, StackName
from headshot_cli.reconcile import reconcile as reconcile_stack
from headshot_cli.retry import queue_files
from headshot_cli.retry import retry as retry_stack
from headshot_cli.stack import Stack
from headshot_cli.status import status as status_of
from headshot_cli.verifying import Row
from headshot_cli.verifying import verify as verify_stack
from headshot_cli.verifying.checks import CHECKS
from headshot_cli.verifying.probe import Probe

_MARKS = {"verified": ("ok", "green"), "failed": ("FAIL", "red"), "by hand": ("hand", "yellow")}


def status(stack: StackName = "headshot", as_json: AsJson = False) -> None:
    """Show what waits, what failed, and alarms.

    The exit code is 1 if

    - anything failed;
    - a file has been in the drop box for over 30 minutes;
    - a photo has not been tried at the identity provider for 15 minutes. Large imports take longer: once no photo waits
      to be published, run `headshot reconcile`;
    - a photo is no longer in the bucket: see docs/life.md;
    - an alarm is on, or would reach nobody because its topic does not exist, is encrypted with a key that CloudWatch
      cannot use, or does not let CloudWatch publish.
    """
    target = Stack(stack)
    found = status_of(target, Api(target))
    output.show_one(found.public() if as_json else found.labelled(), as_json=as_json)
    raise typer.Exit(int(not found.is_healthy))


def retry(stack: StackName = "headshot", as_json: AsJson = False) -> None:
    """Retry failed uploads and publications.

    Fix the cause first: see `headshot list --unpublished` and the functions' logs. The command lists what it retries.
    Files that have been in the drop box for ten minutes are queued again, too.
    """
    target = Stack(stack)
    queued = queue_files(target)  # first: it queues nothing while the queue holds messages
    if queued:
        output.note(f"Queued from the drop box: {queued}")
    retried = []
    for message in retry_stack(target):
        retried.append(asdict(message))
        if not as_json:
            output.say(f"{message.subject}: {message.error}")
    if as_json:
        output.show(retried, as_json=True)
    else:
        output.say(f"Retried: {len(retried)}")


def reconcile(
    stack: StackName = "headshot",
    start_after: Annotated[
        str | None,
        typer.Option(metavar="USER", help="Resume an interrupted run after this user id, which it printed last."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Update the identity provider.

    The command compares all photos with the identity provider, and publishes those that differ. Run it to publish
    existing photos after an identity provider was added, and whenever URLs may have been changed there. Erasures that
    the identity provider has not confirmed are retried.

    It prints its progress and any failures every 20 seconds; with `--json`, one line each time. The exit code is 1 if
    anything failed.
    """
    failed = False
    for report in reconcile_stack(Stack(stack), start_after):
        failed = bool(report["error"] or report["summary"]["failed"])
        if as_json:
            typer.echo(json.dumps(report))
            continue
        for failure in report["failures"]:
            output.say(f"{failure['user_id']}: {failure['error']}")
        counts = ", ".join(f"{count} {name}" for name, count in report["summary"].items())
        resume = f" To resume from here: --start-after {report['start_after']}" if report["start_after"] else ""
        typer.echo(f"{sum(report['summary'].values())} records: {counts}.{resume}")
        if report["error"]:
            output.say(f"Stopped, because this affects everyone: {report['error']}")
    raise typer.Exit(int(failed))


def verify(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="CHECK", help="The checks to run. By default all are run.")
    ] = None,
    stack: StackName = "headshot",
    as_json: AsJson = False,
) -> None:
    """Check a deployed stack.

    The checks are those that only a stack on AWS can pass. Each one is verified, failed, or left to be done by hand,
    with a command for it. Checks for which you lack a permission are left to be done by hand, too.
    docs/not-yet-verified.md explains each of them.

    Photos are uploaded only for users named `headshot-verify-…`, who are erased at the end, also after Ctrl-C. The exit
    code is 1 if anything failed.
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
        output.note("Interrupted. Erasing the users that were created.")
        probe.interrupted = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _show(row: Row) -> None:
    output.verdict(*_MARKS[row.result], f"{row.check}: {row.what}")
    output.under_verdict(row.detail)
    if row.result != "verified":
        typer.echo(f"     {output.plain(row.command)}")  # unbroken, to be copied
