"""The command that hands out what is stored."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from headshot.urls import check_user_id
from headshot_cli import dossier, output
from headshot_cli.api import Api
from headshot_cli.commands.options import StackName
from headshot_cli.exporting import TABLE, export_all
from headshot_cli.stack import Stack, StackError


def export(
    user: Annotated[str | None, typer.Argument(metavar="USER", help="The user id.")] = None,
    everyone: Annotated[bool, typer.Option("--all", help="Export everyone's current photo instead.")] = False,
    stack: StackName = "headshot",
    folder: Annotated[Path, typer.Option("--output", metavar="FOLDER", help="The folder to write to.")] = Path(
        "headshot-export"
    ),
) -> None:
    """Export everything about a person, or everyone's photo.

    For USER, it writes every stored version of the photo, files in the drop box, and `index.json` with the record, its
    history, uploads and dead letters. Log lines are not included.

    With `--all`, it writes everyone's current photo as `<user_id>.jpg`, and `photos.csv` with the records, which
    `headshot import` can read. If interrupted, run the same command again: it resumes where it stopped.
    """
    if everyone == bool(user):
        raise typer.BadParameter("Name a person, or use --all.")
    target = Stack(stack)
    if user is None:
        count, new = export_all(Api(target), folder, output.note)
        output.say(f"Photos: {count}, new: {new}; see {folder / TABLE}")
        return
    found = dossier.export(target, check_user_id(user), folder)
    if found.is_empty:
        raise StackError(f"Nothing is stored for {user}.")
    counts = {name: len(held) for name, held in asdict(found).items() if isinstance(held, list)}
    held = f"files: {counts['files']}, uploads: {counts['uploads']}, dead letters: {counts['dead_letters']}"
    output.say(f"{'Record' if found.record else 'No record'}; {held}; see {folder / dossier.INDEX}")
