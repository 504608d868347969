"""Checks of uploads and erasures."""

from http import HTTPStatus

from headshot_cli.api import user_path
from headshot_cli.verifying.probe import Failed, Probe

# More than Lambda accepts, base64-encoded, and less than API Gateway does.
_TOO_LARGE = 7_000_000


def upload(probe: Probe) -> str:
    """Upload a photo, and read its record."""
    photo, read = probe.photo, probe.record(probe.photo["user_id"])
    if read.status != HTTPStatus.OK or read.value["version"] != photo["version"]:
        raise Failed(f"After the upload of version {photo['version']}, the record returns {read}.")
    start = f"{probe.stack.output('BaseUrl')}/photos/"
    if not photo["url"].startswith(start):
        raise Failed(f"The photo's URL, {photo['url']}, does not start with {start}")
    return f"{photo['width']} × {photo['height']} pixels, {photo['bytes']} bytes, stored by {photo['principal']}."


def erase(probe: Probe) -> str:
    """Erase a user, and look for what is left."""
    user_id = probe.user("-erased")
    url = probe.upload(user_id)["url"]
    erased = probe.api.exchange("DELETE", user_path(user_id))
    if probe.stack.parameter("EdgeCache") == "Enabled":  # CloudFront takes about a minute to invalidate
        probe.eventually(lambda: probe.api.exchange("GET", url, headers={}).status == HTTPStatus.NOT_FOUND)
    responses = [
        erased,
        probe.record(user_id),
        probe.api.exchange("GET", url, headers={}),
        probe.api.exchange("GET", f"/photos/{user_id}.jpg", headers={}),
    ]
    if [response.status for response in responses] != [200, 404, 404, 404]:
        raise Failed("DELETE, the record, the URL and the current photo return: " + "; ".join(map(str, responses)))
    return "DELETE returns 200; then the record, the URL and the current photo return 404."


def at_sign(probe: Probe) -> str:
    """Upload for a user id with `@`, and read the record and the photo."""
    return _written_and_read(probe, probe.user("@example.com"))


def plus_sign(probe: Probe) -> str:
    """Upload for a user id with `+`, and read the record and the photo, then the record in every encoding."""
    user_id = probe.user("+1")
    seen = [_written_and_read(probe, user_id)]
    for plus in ("+", "%2B", "%252B"):
        response = probe.api.exchange("GET", f"/users/{user_id.replace('+', plus)}/photo")
        found = response.value["user_id"] if response.status == HTTPStatus.OK else None
        seen.append(f"{plus} in the path {'works' if found == user_id else f'does not: {response.status}'}.")
    return " ".join(seen)


def _written_and_read(probe: Probe, user_id: str) -> str:
    record = probe.upload(user_id)
    if record["user_id"] != user_id:
        raise Failed(f"PUT {user_path(user_id)} stores a photo for the user {record['user_id']!a}.")
    read = probe.record(user_id)
    served = probe.api.exchange("HEAD", record["url"], headers={})
    if (read.status, served.status) != (200, 200):
        raise Failed(f"GET {user_path(user_id)} returns {read}; HEAD {record['url']} returns {served}.")
    return f"{user_path(user_id)} and {record['url']} work."


def too_large(probe: Probe) -> str:
    """Send a body that API Gateway accepts and Lambda does not."""
    probe.check_admission()
    response = probe.api.exchange("PUT", user_path(probe.user("-large")), bytes(_TOO_LARGE))
    if response.status != HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        raise Failed(f"A body of {_TOO_LARGE} bytes returns {response}.")
    return f"A body of {_TOO_LARGE} bytes returns {response}."
