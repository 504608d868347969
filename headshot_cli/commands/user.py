"""Commands about one person."""

from dataclasses import asdict
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

import typer

from headshot.urls import check_user_id
from headshot_cli import erasing, output
from headshot_cli.api import Api, ApiError, user_path
from headshot_cli.check import Step
from headshot_cli.check import check as check_url
from headshot_cli.commands.options import AsJson, StackName, User
from headshot_cli.fit import fit
from headshot_cli.journal import forget, journal_file
from headshot_cli.stack import Stack, StackError
from headshot_cli.upload import upload
from headshot_cli.users import differing_in_case, label, publish_status, similar, user_ids_for_hint


def put(
    user: User,
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="The image file.")],
    stack: StackName = "headshot",
) -> None:
    """Set a person's photo, and print its URL.

    Any JPEG, PNG, GIF or WebP file will do; large files, BMP, TIFF and AVIF are converted first. HEIC needs macOS or
    the extra `heic`.

    If this is the first photo of USER, a warning names user ids that differ from it in case only: they are likely the
    same person.
    """
    api = Api(Stack(stack))
    response = upload(api, user, fit(image.read_bytes()))
    record = response.value
    output.say(record["url"])
    is_first = response.status == HTTPStatus.CREATED and record["created"] == record["updated"]
    if is_first and (others := differing_in_case(user_ids_for_hint(api), user)):
        output.note(
            f"Warning: {' and '.join(others)} also has a photo, and differs from {user} in case only. Identity"
            " providers treat them as one account. Erase one of them."
        )


def show(
    user: User,
    stack: StackName = "headshot",
    history: Annotated[
        bool, typer.Option("--history", help="Show who set or erased the photo, the newest change first.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show a person's record.

    It has the photo's URL, version and size, when and by whom it was set, and whether the identity provider has its
    URL. With `--history`, show the latest ten changes instead: when, what, by which way, by whom, the photo's version,
    and the correlation id of the log lines. For an erased person, that is the erasure.
    """
    target = Stack(stack)
    if history:
        output.show(_history(user, target), as_json=as_json)
        return
    record = _record(user, target)
    if not as_json:
        del record["scim"]
        record["published"] = _published(record)
    output.show_one(record, as_json=as_json)


def check(
    target: Annotated[str, typer.Argument(metavar="URL|USER", help="The URL of a photo on any host, or a user id.")],
    stack: StackName = "headshot",
    as_json: AsJson = False,
) -> None:
    """Check that Atlassian can fetch a photo.

    The command requests the photo as Atlassian does: with HEAD, then with GET, without credentials and without
    following redirects. It says what to fix. The photo may be on any host, not only on Headshot's. For a user id, it
    also says whether the identity provider has the photo's URL. The exit code is 1 if Atlassian would not get the
    photo.
    """
    if "://" in target:
        steps = check_url(target)
    else:
        deployed = Stack(stack)
        record = _record(target, deployed)
        steps = check_url(record["url"])
        if deployed.has("PublishQueue"):
            steps.append(_at_identity_provider(record))
    if as_json:
        output.show([asdict(step) for step in steps], as_json=True)
    else:
        for step in steps:
            mark, colour = ("ok", "green") if step.passed else ("FAIL", "red")
            output.verdict(mark, colour, f"{step.name}: {step.detail}")
    raise typer.Exit(int(not all(step.passed for step in steps)))


def erase(
    user: User,
    stack: StackName = "headshot",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase everything about a person.

    That is every version of the photo, the record, files in the drop box, and the photo's URL at the identity provider.

    The command prints what was deleted, and waits up to half a minute for the identity provider to confirm. The exit
    code is 1 if nothing was stored, or the identity provider has not confirmed yet. To ask it again, run the same
    command again.
    """
    check_user_id(user)
    if not yes:
        typer.confirm(output.plain(f"Erase everything about {user}?"), abort=True, err=True)
    target = Stack(stack)
    api = Api(target)
    receipt = erasing.erase(api, user)
    is_empty = erasing.is_empty(receipt)
    if not is_empty and not as_json:
        output.say(erasing.summary(receipt))
    forget(journal_file(target.output("ApiEndpoint")), user)
    if is_empty:
        suggested = similar(user_ids_for_hint(api), user)
        hint = f" Did you mean {' or '.join(suggested)}?" if suggested else ""
        raise StackError(f"Nothing is stored for {user}.{hint}")
    last = erasing.confirmed(api, receipt)
    if as_json:
        output.show_one(last, as_json=True)
    elif receipt["identity_provider"] and not last["identity_provider"]:
        output.say("The identity provider has confirmed.")
    if text := erasing.unconfirmed(last):
        raise StackError(text)


def _record(user: str, stack: Stack) -> dict[str, Any]:
    record: dict[str, Any] = _found(Api(stack), user_path(user), f"{user} has no photo.")
    return record


def _history(user: str, stack: Stack) -> list[dict[str, Any]]:
    missing = f"{user} has no photo, and was not erased within the time for which erasures are kept."
    history: list[dict[str, Any]] = _found(Api(stack), user_path(user, "/history"), missing)["history"]
    return history


def _found(api: Api, path: str, missing: str) -> Any:
    """Return what the API answers, or raise StackError with the text `missing` if that is 404."""
    try:
        return api.call("GET", path)
    except ApiError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            raise StackError(missing) from error
        raise


def _at_identity_provider(record: dict[str, Any]) -> Step:
    """Return whether the identity provider has the photo's URL, as the record says."""
    status = publish_status(record)
    if status == "published":
        return Step("identity provider", passed=True, detail="It has the photo's URL.")
    error = record["published"]["error"] if record["published"] else "Publishing takes seconds after an upload."
    detail = f"It does not have the photo's URL: {label(status)}. {error} Find the cause with: headshot doctor USER"
    return Step("identity provider", passed=False, detail=detail)


def _published(record: dict[str, Any]) -> str:
    status, published = label(publish_status(record)), record["published"]
    if published is None:
        return status
    text = f"{status} at {published['at']} (attempts: {published['attempts']})"
    return f"{text}: {published['error']}" if published["error"] else text
