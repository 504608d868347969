"""The links between the API and a reader such as Atlassian: the record, and the photo behind its URL."""

from http import HTTPStatus

from headshot.urls import DEFAULT_USER
from headshot_cli.api import ApiError, user_path
from headshot_cli.doctor.case import Case
from headshot_cli.doctor.link import Broken
from headshot_cli.users import similar, user_ids_for_hint


def api(case: Case) -> str:
    """Request the record, signed with the caller's credentials."""
    try:
        case.response = case.api.send("GET", user_path(case.user_id or DEFAULT_USER))
    except ApiError as error:
        if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Broken(f"{error} See the log group UploadLogs.") from error
        if error.status != HTTPStatus.NOT_FOUND:
            raise
    if case.user_id is None:
        case.response = None
    return "It accepts your signature."


def record(case: Case) -> str:
    """Judge what the API returned."""
    if not case.response:
        suggested = similar(user_ids_for_hint(case.api), str(case.user_id))
        hint = f" Did you mean {' or '.join(suggested)}?" if suggested else ""
        raise Broken(f"{case.user_id} has no photo.{hint} Set one with: headshot put {case.user_id} IMAGE")
    return f"{case.user_id} has a photo, set at {case.record['updated']}."


def url(case: Case) -> str:
    """Judge the photo's URL."""
    step = case.steps["URL"]
    if not step.passed:
        raise Broken(step.detail + _earlier_base(case))
    return step.detail + _earlier_base(case)


def connection(case: Case) -> str:
    """Resolve the host name, connect, and verify the certificate."""
    # Without a connection, there is no second request.
    if "GET" not in case.steps:
        raise Broken(case.steps["HEAD"].detail + _earlier_base(case))
    return "The host name resolves, and the server can be reached."


def head(case: Case) -> str:
    """Judge the response to HEAD."""
    return _passed(case, "HEAD")


def get(case: Case) -> str:
    """Judge the response to GET, and the picture in it."""
    for name in ("GET", "HEAD and GET"):
        _passed(case, name)
    return _passed(case, "picture")


def _passed(case: Case, name: str) -> str:
    step = case.steps.get(name)
    if step is None:
        return ""
    if not step.passed:
        raise Broken(step.detail + _earlier_base(case))
    return step.detail


def _earlier_base(case: Case) -> str:
    """Return what to do about a URL that does not begin as the stack's URLs do now."""
    base = case.stack.output("BaseUrl")
    if case.url.startswith(f"{base}/"):
        return ""
    return f" The URL is from before the stack's photos moved to {base}; upload the photo again for a URL there."
