"""The `headshot` command: `headshot --help`, or `.venv/bin/headshot --help` in a clone."""

import sys

import typer
from botocore.exceptions import BotoCoreError, ClientError

from admin.commands import everybody, person, stack
from admin.stack import StackError

app = typer.Typer(
    name="headshot",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="""Look after a deployed Headshot, with your AWS credentials and in your AWS region.

    A terminal gets tables and colours, a pipe plain lines with tabs; `--json` is for scripts. Exit codes: 0 all is
    well, 1 something is not, 2 the command was not understood.
    """,
)

_PERSON, _EVERYBODY, _STACK = "One person", "Everybody", "The stack"

app.command(rich_help_panel=_PERSON)(person.put)
app.command(rich_help_panel=_PERSON)(person.show)
app.command(rich_help_panel=_PERSON)(person.check)
app.command(rich_help_panel=_PERSON)(person.erase)
app.command("import", rich_help_panel=_EVERYBODY)(everybody.import_photos)
app.command("list", rich_help_panel=_EVERYBODY)(everybody.list_people)
app.command("contact-sheet", rich_help_panel=_EVERYBODY)(everybody.write_contact_sheet)
app.command(rich_help_panel=_STACK)(stack.status)
app.command(rich_help_panel=_STACK)(stack.retry)
app.command(rich_help_panel=_STACK)(stack.reconcile)


def main() -> None:
    """Run the command that was asked for; whatever is in its way is said in one line."""
    try:
        app()
    except (StackError, BotoCoreError, ClientError, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
