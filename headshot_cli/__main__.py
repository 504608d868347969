"""The `headshot` command: `headshot --help`, or `.venv/bin/headshot --help` in a clone."""

import os
import signal
import sys
from collections.abc import Callable
from importlib.metadata import version
from typing import Annotated, Any

import typer
from botocore.exceptions import BotoCoreError, ClientError

from headshot.imaging import ImageError
from headshot.problems import Problem
from headshot_cli.commands import bulk, destroy, doctor, export, rebuild, stack, user
from headshot_cli.help import Command, Group, epilog
from headshot_cli.output import plain, sentence
from headshot_cli.stack import StackError

app = typer.Typer(name="headshot", cls=Group, no_args_is_help=True, rich_markup_mode="markdown")

_PANELS: dict[str, dict[str, Callable[..., Any]]] = {
    "One person": {"put": user.put, "show": user.show, "check": user.check, "erase": user.erase},
    "Everyone": {
        "import": bulk.import_photos,
        "list": bulk.list_people,
        "contact-sheet": bulk.write_contact_sheet,
        "export": export.export,
    },
    "The stack": {
        "status": stack.status,
        "doctor": doctor.doctor,
        "retry": stack.retry,
        "reconcile": stack.reconcile,
        "rebuild": rebuild.rebuild,
        "verify": stack.verify,
        "destroy": destroy.destroy,
    },
}
for _panel, _commands in _PANELS.items():
    for _name, _run in _commands.items():
        app.command(_name, cls=Command, epilog=epilog(_name), rich_help_panel=_panel)(_run)


def _show_version(is_set: bool) -> None:  # noqa: FBT001  Typer passes the flag
    if is_set:
        typer.echo(f"headshot {version('headshot-cli')}")
        raise typer.Exit


@app.callback()
def headshot(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Manage the photos and the stack of Headshot.

    It uses your AWS credentials and your AWS region. Set the region with AWS_REGION, an AWS profile with AWS_PROFILE,
    and the stack's name with HEADSHOT_STACK or `--stack`.

    In a terminal it prints tables and colours, in a pipe plain lines with tabs. `--json` is for scripts. FORCE_COLOR=1
    makes a pipe a terminal; NO_COLOR=1 removes the colours.

    Exit codes: 0 means success, 1 that something is wrong or failed, and 2 a mistake in the command line.
    """


def main() -> None:
    """Run the command, and report any failure as one line."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a service manager's stop works like Ctrl-C
    try:
        try:
            app()
        finally:
            _flush()
    except BrokenPipeError:  # `| head` has read enough
        sys.exit(1)
    except OSError as error:
        # Errors of written files name the file (`output.writing`), except for stdout.
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
