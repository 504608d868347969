"""The command that deletes the stack and everything in it."""

from pathlib import Path
from typing import Annotated

import typer

from headshot_cli import destroying, output
from headshot_cli.commands.options import StackName
from headshot_cli.stack import Stack, StackError


def destroy(
    stack: StackName = "headshot",
    confirm: Annotated[
        str | None, typer.Option("--confirm", metavar="NAME", help="The stack's name again. By default, you type it.")
    ] = None,
    export: Annotated[
        Path, typer.Option("--export", metavar="FOLDER", help="The folder that `headshot export --all` has written.")
    ] = Path("headshot-export"),
    without_export: Annotated[
        bool, typer.Option("--without-export", help="Delete photos that were not exported.")
    ] = False,
) -> None:
    """Delete the stack and all photos.

    It shows what it is going to delete, then asks you to type the stack's name. It deletes the table of records, the
    bucket with all versions, the three policies for callers, and at last the stack. Nothing can restore the photos. If
    interrupted, run the same command again: it resumes where it stopped.

    It deletes nothing if a photo is not in the export, or if anyone still holds a policy: it prints the commands that
    detach them. The identity provider keeps the photos' URLs, which stop working: see "Leaving Headshot" in
    docs/guide.md.
    """
    target = Stack(stack)
    found = destroying.plan(target)
    output.show_one(
        {
            "stack": stack,
            "people": len(found.photos),
            "S3 versions": found.versions,
            "bucket": found.bucket,
            "table": found.table,
            "policies": found.policies,
        },
        as_json=False,
    )
    if found.detach:
        for command in found.detach:
            typer.echo(output.plain(command))  # unbroken, to be copied
        raise StackError("Somebody still holds the policies. Detach them first, with the commands above.")
    if not without_export and (missing := found.missing(export)):
        raise StackError(
            f"Photos that are not in {export}: {len(missing)}. Run: headshot export --all --output {export}."
            " Or delete them for good, with --without-export."
        )
    if found.photos and target.parameter("IdentityProvider") not in ("", "None"):
        output.note(
            "The identity provider keeps the URLs of these people, which stop working. To clear them, erase everyone"
            ' first: see "Leaving Headshot" in docs/guide.md.'
        )
    if (confirm or typer.prompt("Type the stack's name to delete everything", err=True)) != stack:
        raise StackError("This is not the stack's name. Nothing was deleted.")
    destroying.destroy(target, found, output.say)
    output.say("DynamoDB keeps a backup of the table for 35 days. docs/guide.md lists what else is left to delete.")
