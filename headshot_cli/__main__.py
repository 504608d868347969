"""The `headshot` command: `headshot --help`, or `.venv/bin/headshot --help` in a clone."""

import os
import signal
import sys

import typer
from botocore.exceptions import BotoCoreError, ClientError

from headshot.imaging import ImageError
from headshot.problems import Problem
from headshot_cli.commands import bulk, stack, user
from headshot_cli.output import plain, sentence
from headshot_cli.stack import StackError

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

app.command(rich_help_panel=_PERSON)(user.put)
app.command(rich_help_panel=_PERSON)(user.show)
app.command(rich_help_panel=_PERSON)(user.check)
app.command(rich_help_panel=_PERSON)(user.erase)
app.command("import", rich_help_panel=_EVERYBODY)(bulk.import_photos)
app.command("list", rich_help_panel=_EVERYBODY)(bulk.list_people)
app.command("contact-sheet", rich_help_panel=_EVERYBODY)(bulk.write_contact_sheet)
app.command(rich_help_panel=_STACK)(stack.status)
app.command(rich_help_panel=_STACK)(stack.retry)
app.command(rich_help_panel=_STACK)(stack.reconcile)
app.command(rich_help_panel=_STACK)(stack.verify)


def main() -> None:
    """Run the command, and report any failure as one line."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a service is stopped as by Ctrl-C
    try:
        try:
            app()
        finally:
            _flush()
    except BrokenPipeError:  # `| head` has read enough
        sys.exit(1)
    except OSError as error:
        # What is written to names itself (`output.writing`), but for stdout.
        failure = f"{error.filename} cannot be read" if error.filename else "The output cannot be written"
        sys.exit(plain(f"{failure}: {error.strerror}."))
    except (StackError, Problem, ImageError, BotoCoreError, ClientError) as error:
        sys.exit(sentence(error))


def _flush() -> None:
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python would try again, and complain
        raise


if __name__ == "__main__":
    main()
