"""The `headshot` command: `headshot --help`, or `python -m admin --help` in a clone."""

import sys
from collections import Counter
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer
from botocore.exceptions import BotoCoreError, ClientError

from admin import importing, output, people
from admin.api import Api
from admin.check import check as check_url
from admin.reconcile import reconcile as reconcile_stack
from admin.retry import retry as retry_stack
from admin.sheet import contact_sheet
from admin.shrink import shrink
from admin.sources import find
from admin.stack import Stack, StackError

app = typer.Typer(
    name="headshot",
    no_args_is_help=True,
    help="Look after a deployed Headshot, with your AWS credentials and in your AWS region."
    " Exit codes: 0 all is well, 1 something is not, 2 the command was not understood.",
)

StackName = Annotated[str, typer.Option("--stack", help="Name of the stack.", envvar="HEADSHOT_STACK")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
UserId = Annotated[str | None, typer.Option(help="Column or attribute of SOURCE that holds the user id.")]
BindDn = Annotated[str | None, typer.Option(help="Whom to sign in as at an LDAP directory.")]
User = Annotated[str, typer.Argument(help="User id: the identity provider's id, login or e-mail address.")]


@app.command()
def show(user: User, stack: StackName = "headshot", as_json: AsJson = False) -> None:
    """Show a person's record."""
    record = Api(Stack(stack)).call("GET", _path(user))
    if not as_json:
        del record["scim"]
        record["published"] = " ".join(str(value) for value in (record["published"] or {}).values() if value)
    output.show_one(record, as_json=as_json)


@app.command("list")
def list_people(
    stack: StackName = "headshot",
    unpublished: Annotated[bool, typer.Option(help="Only photos that the identity provider does not hold.")] = False,
    refused: Annotated[bool, typer.Option(help="Files in the drop box that were refused, instead of photos.")] = False,
    without_photo: Annotated[
        str | None, typer.Option(metavar="SOURCE", help="People of a source, as import knows it, who have no photo.")
    ] = None,
    user_id: UserId = None,
    bind_dn: BindDn = None,
    as_json: AsJson = False,
) -> None:
    """List all photos, or what else is asked for."""
    target = Stack(stack)
    if without_photo:
        found = people.without_photo(target, find.find(without_photo, user_id, bind_dn).candidates())
    elif refused:
        found = people.refused(Api(target))
    else:
        found = (row for row in people.records(target) if not unpublished or row["published"] != "published")
    output.show(found, as_json=as_json)


@app.command()
def put(
    user: User,
    image: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An image file.")],
    stack: StackName = "headshot",
) -> None:
    """Make a picture a person's photo."""
    answer = Api(Stack(stack)).send("PUT", _path(user), shrink(image.read_bytes()), "application/octet-stream")
    typer.echo(answer.value["url"])


@app.command("import")
def import_photos(
    source: Annotated[str, typer.Argument(help=find.HELP)],
    stack: StackName = "headshot",
    user_id: UserId = None,
    bind_dn: BindDn = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be uploaded.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Also what has not changed since the last import.")] = False,
    report: Annotated[Path, typer.Option(help="CSV file for the outcome of each.")] = Path("headshot-import.csv"),
) -> None:
    """Upload everybody's photo. Interrupted, it goes on where it was when it is run again."""
    target = Stack(stack)
    api = Api(target)
    candidates = find.find(source, user_id, bind_dn).candidates()
    journal = importing.Journal(importing.journal_file(target.output("ApiEndpoint")), everything=everything)
    outcomes = []
    try:
        for outcome in output.progress(importing.bring(candidates, api, journal, dry_run=dry_run), len(candidates)):
            outcomes.append(outcome)
            if outcome.name == "refused":
                output.note(f"{outcome.candidate.name}: {outcome.reason}")
    finally:
        journal.close()
        importing.write_report(report, outcomes)
        counts = Counter(outcome.name for outcome in outcomes)
        typer.echo(", ".join(f"{counts[name]} {name}" for name in importing.OUTCOMES) + f"; {report} has each.")
    raise typer.Exit(int(bool(counts["refused"])))


@app.command()
def erase(
    user: User,
    stack: StackName = "headshot",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase a person: every picture, the record, and what is in the drop box."""
    if not yes:
        typer.confirm(f"Erase everything of {user}?", abort=True)
    Api(Stack(stack)).call("DELETE", _path(user))
    typer.echo(f"Erased: {user}")


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
def status(stack: StackName = "headshot", as_json: AsJson = False) -> None:
    """Count photos and what waits or was given up; exit with 1 if anything was, or an alarm sounds."""
    found = people.status(Stack(stack))
    output.show_one(found, as_json=as_json)
    raise typer.Exit(int(not people.is_healthy(found)))


@app.command("contact-sheet")
def write_contact_sheet(
    stack: StackName = "headshot",
    page: Annotated[Path, typer.Option("--output", help="The HTML file to write.")] = Path("headshot.html"),
) -> None:
    """Write a page with everybody's current photo, to look over in a browser."""
    page.write_text(contact_sheet(people.records(Stack(stack))), "utf-8")
    typer.echo(f"Look at {page.resolve().as_uri()}")


@app.command()
def check(
    target: Annotated[str, typer.Argument(help="Address of a photo, on any host, or a user id.")],
    stack: StackName = "headshot",
) -> None:
    """Fetch a photo as Atlassian does, and say what to mend."""
    url = target if "://" in target else Api(Stack(stack)).call("GET", _path(target))["url"]
    steps = check_url(url)
    for step in steps:
        typer.echo(f"{'ok  ' if step.passed else 'FAIL'} {step.name}: {step.detail}")
    raise typer.Exit(int(not all(step.passed for step in steps)))


def _path(user: str) -> str:
    return f"/users/{quote(user, safe='')}/photo"


def main() -> None:
    """Run the command that was asked for; whatever is in its way is said in one line."""
    try:
        app()
    except (StackError, BotoCoreError, ClientError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
