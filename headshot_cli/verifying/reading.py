"""Checks of public reads."""

from http import HTTPStatus

from headshot_cli.check import check as check_as_atlassian
from headshot_cli.verifying.probe import Failed, Probe

UNKNOWN_VERSION = "0" * 32


def as_atlassian(probe: Probe) -> str:
    """Fetch a photo with HEAD and GET, unsigned, and compare the two."""
    url = probe.photo["url"]
    if wrong := [step for step in check_as_atlassian(url) if not step.passed]:
        raise Failed(" ".join(f"{step.name}: {step.detail}" for step in wrong))
    for method in ("HEAD", "GET"):
        kind = probe.api.exchange(method, url, headers={}).headers.get("Content-Type")
        if kind != "image/jpeg":
            raise Failed(f"The Content-Type of {method} is {kind!a}.")
    return "HEAD and GET agree: 200, image/jpeg."


def head_length(probe: Probe) -> str:
    """Compare the Content-Length of HEAD with the photo's size."""
    response = probe.api.exchange("HEAD", probe.photo["url"], headers={})
    length, size = response.headers.get("Content-Length"), str(probe.photo["bytes"])
    if length != size:
        raise Failed(f"HEAD returns {response} with Content-Length {length!a}. The photo has {size} bytes.")
    return f"Content-Length: {length}."


def not_modified(probe: Probe) -> str:
    """Request a photo by the ETag that it has."""
    served = probe.api.exchange("HEAD", probe.photo["url"], headers={})
    known = {"If-None-Match": served.headers.get("ETag") or "none"}  # at the edge, it is the one of S3
    for method in ("HEAD", "GET"):
        response = probe.api.exchange(method, probe.photo["url"], headers=known)
        if response.status != HTTPStatus.NOT_MODIFIED or response.body:
            raise Failed(f"{method} returns {response}.")
    return "HEAD and GET return 304."


def missing_version(probe: Probe) -> str:
    """Request a version that an existing user does not have."""
    response = probe.api.exchange("GET", f"/photos/{probe.photo['user_id']}/{UNKNOWN_VERSION}.jpg", headers={})
    if response.status != HTTPStatus.NOT_FOUND:
        raise Failed(f"It returns {response}.")
    return "It returns 404."


def same_not_found(probe: Probe) -> str:
    """Request, unsigned, photos that do not exist. If unversioned URLs are disabled, all of them answer alike."""
    known = probe.photo["user_id"]
    unversioned = [f"/photos/{known}-nobody.jpg", f"/photos/{known.upper()}.jpg"]
    versioned = [
        f"/photos/{known}-nobody/{UNKNOWN_VERSION}.jpg",
        f"/photos/{known}/{UNKNOWN_VERSION}.jpg",
        "/photos/-.jpg",
    ]
    if probe.stack.parameter("UnversionedUrls") == "Disabled":
        return f"{_same(probe, versioned)} {_same(probe, [*unversioned, f'/photos/{known}.jpg'])}"
    return _same(probe, [*unversioned, *versioned])


def _same(probe: Probe, paths: list[str]) -> str:
    responses = {path: probe.api.exchange("GET", path, headers={}) for path in paths}
    if len({(response.status, response.body) for response in responses.values()}) > 1:
        differing = "; ".join(f"{path}: {response}" for path, response in responses.items())
        raise Failed(f"The responses differ: {differing}")
    return f"All {len(paths)} addresses return the same {responses[paths[0]].status}."
