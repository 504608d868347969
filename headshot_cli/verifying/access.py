"""Checks of authorization: requests without a valid signature are rejected."""

from http import HTTPStatus

from headshot_cli.api import user_path
from headshot_cli.verifying.probe import Failed, Probe, picture

# Routes that need a signature, with {} for a user id or an upload id.
SIGNED_ROUTES = [
    ("PUT", "/users/{}/photo"),
    ("GET", "/users/{}/photo"),
    ("DELETE", "/users/{}/photo"),
    ("GET", "/users/{}/photo/history"),
    ("POST", "/users/{}/photo/uploads"),
    ("GET", "/users/{}/photo/uploads"),
    ("GET", "/users/{}/photo/uploads/{}"),
    ("GET", "/uploads"),
    ("GET", "/users"),
]


def unsigned(probe: Probe) -> str:
    """Send an unsigned request to every route that needs a signature."""
    user_id = probe.user("-unsigned")
    routes = [(method, path.format(user_id, user_id)) for method, path in SIGNED_ROUTES]
    responses = {f"{method} {path}": probe.api.exchange(method, path, headers={}) for method, path in routes}
    return _all_rejected({request: response.status for request, response in responses.items()})


def wrong_signature(probe: Probe) -> str:
    """Send requests whose signature is for another secret, service, path or body."""
    probe.check_admission()
    user_id, body, sign = probe.user("-forged"), picture(), probe.api.signature
    path = user_path(user_id)
    forged = {
        "another secret": sign("PUT", path, body, secret="another"),  # noqa: S106  nobody's secret
        "another service": sign("PUT", path, body, service="s3"),
        "another path": sign("PUT", user_path(f"{user_id}-2"), body),
        "another body": sign("PUT", path, body + b"\0"),
    }
    statuses = {name: probe.api.exchange("PUT", path, body, headers).status for name, headers in forged.items()}
    return _all_rejected(statuses)


def _all_rejected(statuses: dict[str, int]) -> str:
    if wrong := [f"{name} ({status})" for name, status in statuses.items() if status != HTTPStatus.FORBIDDEN]:
        raise Failed(f"These requests do not return 403: {', '.join(wrong)}.")
    return f"All {len(statuses)} requests return 403."
