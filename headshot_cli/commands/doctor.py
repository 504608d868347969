"""The command that finds out why a photo does not appear."""

from dataclasses import asdict
from typing import Annotated

import typer

from headshot.urls import check_user_id
from headshot_cli import output
from headshot_cli.commands.options import AsJson, StackName
from headshot_cli.doctor import BROKEN, NOT_CHECKED, NOT_REACHED, OK, Case, Row, diagnose
from headshot_cli.stack import Stack

_MARKS = {OK: ("ok", "green"), BROKEN: ("FAIL", "red"), NOT_CHECKED: ("skip", "yellow"), NOT_REACHED: ("-", "dim")}


def doctor(
    user: Annotated[
        str | None,
        typer.Argument(metavar="USER", help="The user id of the person whose photo does not appear."),
    ] = None,
    stack: StackName = "headshot",
    as_json: AsJson = False,
) -> None:
    """Find out why a photo does not appear.

    The command follows the photo link by link: your AWS credentials, the stack and its functions, the record, the URL
    as Atlassian fetches it, the secret, the sign-in at the identity provider, the account, the attribute and its value,
    and the dead-letter queues. For each link, it says whether it is in order, or what is broken and what to do. Fix the
    first broken link first: it may have broken others. Without USER, it checks what concerns everyone.

    Nothing is changed. Links for which you lack a permission are skipped. To compare the copy in Atlassian's directory,
    set HEADSHOT_ATLASSIAN_URL and HEADSHOT_ATLASSIAN_API_KEY. The exit code is 1 if a link is broken.
    """
    if user is not None:
        check_user_id(user)
    rows: list[Row] = []
    for row in diagnose(Case(Stack(stack), user)):
        rows.append(row)
        if not as_json:
            output.verdict(*_MARKS[row.result], f"{row.link}: {row.detail}")
    broken = [row.link for row in rows if row.result == BROKEN]
    if as_json:
        output.show([asdict(row) for row in rows], as_json=True)
    else:
        output.say(f"Fix this first: {broken[0]}" if broken else "No link is broken.")
    raise typer.Exit(int(bool(broken)))
