"""Commands about the stack."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from admin import output, people
from admin.commands.options import AsJson, StackName
from admin.reconcile import reconcile as reconcile_stack
from admin.retry import retry as retry_stack
from admin.stack import Stack


def status(stack: StackName = "headshot", as_json: AsJson = False) -> None:
    """Count photos and what waits or was given up; exit with 1 if anything was, or an alarm sounds."""
    found = people.status(Stack(stack))
    output.show_one(found, as_json=as_json)
    raise typer.Exit(int(not people.is_healthy(found)))


def retry(stack: StackName = "headshot", as_json: AsJson = False) -> None:
    """Send again what publish and ingest have given up, and tell what that is.

    First mend what they had against it: see `headshot list --unpublished`, and the functions' logs.
    """
    letters = []
    for letter in retry_stack(Stack(stack)):
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
    """Compare all photos with the identity provider, and publish those that differ.

    It tells every twenty seconds how far it has come, in JSON by a line each time.
    """
    for answer in reconcile_stack(Stack(stack), start_after):
        if as_json:
            typer.echo(json.dumps(answer))
            continue
        counts = ", ".join(f"{count} {name}" for name, count in answer["summary"].items())
        going_on = f" To go on from here: --start-after {answer['start_after']}" if answer["start_after"] else ""
        typer.echo(f"{sum(answer['summary'].values())} records: {counts}.{going_on}")
