"""The command that rebuilds the records."""

from typing import Annotated

import typer

from headshot_cli import erasing, output
from headshot_cli.api import Api
from headshot_cli.bucket import lost
from headshot_cli.commands.options import AsJson, StackName
from headshot_cli.rebuilding import rebuild as rebuild_stack
from headshot_cli.stack import Stack
from headshot_cli.users import users


def rebuild(
    stack: StackName = "headshot",
    erase_lost: Annotated[
        bool,
        typer.Option("--erase-lost", help="Erase people whose photo is lost, after a confirmation."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    as_json: AsJson = False,
) -> None:
    """Rebuild the records from the photos.

    Run it after the table was lost or restored, after photos were deleted in S3, and after a change of `DomainName` or
    `BaseUrl`, which gives every record a new URL. docs/life.md says what else to do then. What is right already stays
    as it is, and erased people stay erased.

    It prints its progress every 20 seconds, then the people whose photo is no longer in the bucket. If the table was
    restored to an earlier state, they were erased since: erase them again with `--erase-lost`. If photos were deleted,
    import them again instead. The exit code is 1 if photos are lost.
    """
    target = Stack(stack)
    summary: dict[str, int] = {}
    for summary in rebuild_stack(target):
        if not as_json:
            counts = ", ".join(f"{count} {name}" for name, count in summary.items())
            typer.echo(f"People: {sum(summary.values())}; {counts}.")
    api = Api(target)
    people = lost(target, users(api))
    if as_json:
        output.show_one(summary | {"lost": people}, as_json=True)
    else:
        for user_id in people:
            output.say(f"{user_id}: the photo is no longer in the bucket.")
    if people and erase_lost:
        if not yes:
            typer.confirm(f"Erase everything about these people ({len(people)})?", abort=True, err=True)
        for user_id in people:
            receipt = erasing.erase(api, user_id)
            if not as_json:
                output.say(erasing.summary(receipt))
    raise typer.Exit(int(bool(people) and not erase_lost))
