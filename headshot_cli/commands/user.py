"""Commands about one person."""

import os
import sys
from dataclasses import asdict
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

import typer

from headshot import imaging
from headshot.urls import check_user_id
from headshot_cli import erasing, known, output, records
from headshot_cli.api import Api, ApiError, user_path
from headshot_cli.check import check as check_url
from headshot_cli.commands.options import AsJson, StackName, User
from headshot_cli.fit import fit
from headshot_cli.journal import forget, journal_file
from headshot_cli.stack import Stack, StackError


def show(user: User, stack: StackName = "headshot", as_json: AsJson = False) -> None:
    """Show a person's record."""
    record = _record(user, stack)
    if not as_json:
        del record["scim"]
        record["published"] = _published(record["published"])
    output.show_one(record, as_json=as_json)


def put(
    user: User,
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="An image file.")],
    stack: StackName = "headshot",
) -> None:
    """Make a picture a person's photo, and print its URL.

    If it is the person's first, a warning names user ids that differ in case only: they are likely the same person.
    """
    target = Stack(stack)
    api, path, file = Api(target), user_path(user), fit(image.read_bytes())
    imaging.inspect(file)  # what the API says about a rejected picture is for those who call it over HTTP
    answer = api.send("PUT", path, file, "application/octet-stream")
    output.say(answer.value["url"])
    is_first = answer.status == HTTPStatus.CREATED and answer.value["created"] == answer.value["updated"]
    if is_first and (others := known.differing_in_case(known.hinted_user_ids(target), user)):
        output.note(
            f"Warning: {' and '.join(others)} has a photo, too, and differs from {user} in case only. Identity"
            " providers take them for one account: erase one of them."
        )


def erase(
    user: User,
    stack: StackName = "headshot",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase a person: every picture, the record, what is in the drop box, and the URL at the identity provider.

    It prints what was deleted, and waits up to half a minute for the identity provider to confirm. The exit code is 1
    if nothing was stored, or the identity provider has not confirmed. To ask again, run the same command again.
    """
    check_user_id(user)
    if not yes:
        typer.confirm(output.plain(f"Erase everything of {user}?"), abort=True, err=True)
    target = Stack(stack)
    api = Api(target)
    receipt = erasing.erase(api, user)
    is_empty = erasing.is_empty(receipt)
    if not is_empty and not as_json:
        output.say(erasing.summary(receipt))
    forget(journal_file(target.output("ApiEndpoint")), user)
    if is_empty:
        suggested = known.similar(known.hinted_user_ids(target), user)
        raise StackError(
            f"Nothing is stored for {user}." + (f" Did you mean {' or '.join(suggested)}?" if suggested else "")
        )
    last = erasing.confirmed(api, receipt)
    if as_json:
        output.show_one(last, as_json=True)
    elif receipt["identity_provider"] and not last["identity_provider"]:
        output.say("The identity provider has confirmed.")
    if text := erasing.unconfirmed(last):
        raise StackError(text)


def check(
    target: Annotated[str, typer.Argument(metavar="URL|USER", help="Address of a photo, on any host, or a user id.")],
    stack: StackName = "headshot",
    as_json: AsJson = False,
) -> None:
    """Fetch a photo as Atlassian does, and say what to mend.

    HEAD, then GET, unsigned, following no redirect. Any host will do, not only Headshot.
    """
    url = target if "://" in target else _record(target, stack)["url"]
    steps = check_url(url)
    if as_json:
        output.show([asdict(step) for step in steps], as_json=True)
    else:
        for step in steps:
            mark = typer.style("ok  ", fg="green") if step.passed else typer.style("FAIL", fg="red")
            line = f"{mark} {output.wrapped(output.plain(f'{step.name}: {step.detail}'), sys.stdout, len('FAIL '))}"
            typer.echo(line, color=False if os.environ.get("NO_COLOR") else None)
    raise typer.Exit(int(not all(step.passed for step in steps)))


def _record(user: str, stack: str) -> dict[str, Any]:
    try:
        record: dict[str, Any] = Api(Stack(stack)).call("GET", user_path(user))
    except ApiError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            raise StackError(f"There is no photo of {user}.") from error
        raise
    return record


def _published(published: dict[str, Any] | None) -> str:
    if published is None:
        return records.NOT_TRIED
    text = f"{records.publication(published)} at {published['at']} (attempts: {published['attempts']})"
    return f"{text}: {published['error']}" if published["error"] else text
