"""The links to the identity provider that concern one person: the account, and the URL in its attribute."""

import re
from datetime import UTC, datetime
from functools import partial

from botocore.exceptions import BotoCoreError, ClientError

from headshot.identity.errors import IdentityError, UnknownUserError
from headshot.urls import photo_owner
from headshot_cli.doctor.case import Case
from headshot_cli.doctor.link import Broken, NotChecked
from headshot_cli.status import OVERDUE_AFTER
from headshot_cli.users import publish_status

# How the identity providers' advice names the attribute (headshot/identity).
_ABOUT_ATTRIBUTE = re.compile(r'(attribute|extension|short name) "|dropped the photo')


def user(case: Case) -> str:
    """Find the person's account."""
    if isinstance(case.found, str):
        return f"{case.provider_name} has the user {case.user_id}."
    if not isinstance(case.found, UnknownUserError) or not _was_published(case):
        raise Broken(str(case.found))
    # Publishing goes by the identity provider's own id, which survives a change of login.
    identity_id = _identity_id(case)
    if identity_id is None:
        raise NotChecked(
            f"{case.provider_name} has no user {case.user_id} any more, but Headshot publishes by the id that it had"
            " before. Allow dynamodb:GetItem on the table RecordsTable to check that."
        )
    try:
        case.provider.photo_url(identity_id)
    except UnknownUserError as error:
        raise Broken(str(case.found)) from error
    except IdentityError:
        pass  # the next link reports it
    case.found = identity_id
    return f"{case.provider_name} has no user {case.user_id} any more. Headshot publishes by the id that it had before."


def attribute(case: Case) -> str:
    """Read the person's attribute."""
    read = partial(case.provider.photo_url, str(case.found))
    try:
        case.published_url = read()
    except IdentityError as error:
        raise Broken(str(error)) from error
    case.has_url = case.published_url == case.url
    published = case.record["published"]
    if not case.has_url and published and _ABOUT_ATTRIBUTE.search(published["error"] or ""):
        raise Broken(f"{published['error']} That was the result of the last attempt, at {published['at']}.")
    return f"{case.provider_name} returned the attribute."


def value(case: Case) -> str:
    """Compare the attribute's value with the photo's URL."""
    if case.has_url:
        return f"{case.provider_name} has the photo's URL."
    if case.published_url is None:
        found = "no URL"
    elif photo_owner(case.published_url) == case.user_id:
        found = "the URL of an earlier photo"
    else:
        found = f"another URL, {case.published_url!a}"
    if publish_status(case.record) == "published":
        raise Broken(f"{case.provider_name} has {found}: it was changed there. Run: headshot reconcile")
    raise Broken(f"{case.provider_name} has {found}. {_last_attempt(case)}")


def published(case: Case) -> str:
    """Read what the record says about publishing. This needs no access to the identity provider."""
    if case.provider_name == "None":
        raise NotChecked("The stack has no identity provider.")
    if case.has_url or publish_status(case.record) == "published":
        return "Headshot has published the photo."
    if publish_status(case.record) == "untried" and not _is_overdue(case):
        raise NotChecked(_last_attempt(case))
    raise Broken(_last_attempt(case))


def _last_attempt(case: Case) -> str:
    """Return what publish last reported, and what to do."""
    attempt = case.record["published"]
    match attempt:
        case None if _is_overdue(case):
            return (
                "Headshot has not tried to publish the photo. See the log group RelayLogs. Then run: headshot reconcile"
            )
        case None:
            return "Headshot has not tried to publish the photo yet. Wait a minute, then run this command again."
        case {"status": "failed"}:
            return f"{attempt['error']} Fix the cause, then run: headshot retry"
    return f"{attempt['error']} Headshot tries again by itself for a day."


def _is_overdue(case: Case) -> bool:
    return datetime.now(UTC) - datetime.fromisoformat(case.record["updated"]) > OVERDUE_AFTER


def _was_published(case: Case) -> bool:
    return bool(case.response) and publish_status(case.record) == "published"


def _identity_id(case: Case) -> str | None:
    """Return the identity provider's id in the record, which the API does not return; None if it cannot be read."""
    key = {"user_id": {"S": case.user_id}}
    try:
        found = case.stack.client("dynamodb").get_item(TableName=case.stack.output("RecordsTable"), Key=key)
    except (BotoCoreError, ClientError):
        return None
    identity_id: str | None = found.get("Item", {}).get("identity_id", {}).get("S")
    return identity_id
