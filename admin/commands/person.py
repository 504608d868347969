"""Commands about one person."""

import os
from dataclasses import asdict
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

import typer

from admin import output, people
from admin.api import Api, ApiError, user_path
from admin.check import check as check_url
from admin.commands.options import AsJson, StackName, User
from admin.fit import fit
from admin.stack import Stack, StackError


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
    """Make a picture a person's photo, and print its URL."""
    answer = Api(Stack(stack)).send("PUT", user_path(user), fit(image.read_bytes()), "application/octet-stream")
    output.say(answer.value["url"])


def erase(
    user: User,
    stack: StackName = "headshot",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase a person: every picture, the record, and what is in the drop box."""
    if not yes:
        typer.confirm(output.plain(f"Erase everything of {user}?"), abort=True)
    Api(Stack(stack)).call("DELETE", user_path(user))
    output.say(f"Erased: {user}")


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
            line = f"{mark} {output.plain(f'{step.name}: {step.detail}')}"
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
        return people.NOT_TRIED
    text = f"{people.state(published)} at {published['at']} (attempts: {published['attempts']})"
    return f"{text}: {published['error']}" if published["error"] else text
