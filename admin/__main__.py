"""Command line for administrators: `python -m admin --help`."""

import sys
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError

from admin.check import check as check_url
from admin.reconcile import reconcile as reconcile_stack
from admin.retry import retry as retry_stack
from admin.stack import Stack, StackError

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Look after a deployed Headshot.")

StackName = Annotated[str, typer.Option("--stack", help="Name of the stack.")]


@app.command()
def retry(stack: StackName = "headshot") -> None:
    """Send again what publish and ingest have given up."""
    letters = 0
    for letter in retry_stack(Stack(stack)):
        typer.echo(f"{letter.subject}: {letter.error}")
        letters += 1
    typer.echo(f"Sent again: {letters}")


@app.command()
def reconcile(
    stack: StackName = "headshot",
    start_after: Annotated[str | None, typer.Option(help="User id with which an interrupted run ended.")] = None,
) -> None:
    """Compare all photos with the identity provider, and publish those that differ."""
    for answer in reconcile_stack(Stack(stack), start_after):
        counts = ", ".join(f"{count} {name}" for name, count in answer["summary"].items())
        going_on = f" To go on from here: --start-after {answer['start_after']}" if answer["start_after"] else ""
        typer.echo(f"{sum(answer['summary'].values())} records: {counts}.{going_on}")


@app.command()
def check(url: Annotated[str, typer.Argument(help="Address of a photo, on any host.")]) -> None:
    """Fetch a photo as Atlassian does, and say what to mend."""
    steps = check_url(url)
    for step in steps:
        typer.echo(f"{'ok  ' if step.passed else 'FAIL'} {step.name}: {step.detail}")
    raise typer.Exit(not all(step.passed for step in steps))


def main() -> None:
    """Run the command that was asked for; whatever is in its way is said in one line."""
    try:
        app()
    except (StackError, BotoCoreError, ClientError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
