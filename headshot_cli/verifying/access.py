"""Checks of who is let in."""

from http import HTTPStatus

from headshot_cli.api import user_path
from headshot_cli.verifying.probe import Failed, Probe, picture

# Routes that need a signature, with a user in the place of {}.
SIGNED_ROUTES = [
    ("PUT", "/users/{}/photo"),
    ("GET", "/users/{}/photo"),
    ("DELETE", "/users/{}/photo"),
    ("POST", "/users/{}/photo/uploads"),
    ("GET", "/users/{}/photo/uploads"),
    ("GET", "/users/{}/photo/uploads/{}"),
    ("GET", "/uploads"),
    ("GET", "/users"),
]


def unsigned(probe: Probe) -> str:
    """Send a request without a signature to every route that needs one."""
    user_id = probe.user("-unsigned")
    routes = [(method, path.format(user_id, user_id)) for method, path in SIGNED_ROUTES]
    answers = {f"{method} {path}": probe.wire.send(method, path, headers={}) for method, path in routes}
    return _all_rejected({request: answer.status for request, answer in answers.items()})


def wrong_signature(probe: Probe) -> str:
    """Send requests with the signature of another secret, service, path or body."""
    probe.check_admission()
    user_id, body, sign = probe.user("-forged"), picture(), probe.wire.signature
    path = user_path(user_id)
    forged = {
        "another secret": sign("PUT", path, body, secret="another"),  # noqa: S106  it is nobody's
        "another service": sign("PUT", path, body, service="s3"),
        "another path": sign("PUT", user_path(f"{user_id}-2"), body),
        "another body": sign("PUT", path, body + b"\0"),
    }
    return _all_rejected({name: probe.wire.send("PUT", path, body, headers).status for name, headers in forged.items()})


def _all_rejected(statuses: dict[str, int]) -> str:
    if let_in := [f"{name} ({status})" for name, status in statuses.items() if status != HTTPStatus.FORBIDDEN]:
        raise Failed(f"Not answered 403: {', '.join(let_in)}.")
    return f"{len(statuses)} requests are answered 403."
