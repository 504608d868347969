"""Checks of what anybody may read."""

from http import HTTPStatus

from headshot_cli.check import check as check_as_atlassian
from headshot_cli.verifying.probe import Failed, Probe

UNKNOWN_VERSION = "0" * 32


def as_atlassian(probe: Probe) -> str:
    """Fetch a photo by HEAD and GET, unsigned, and compare the two."""
    url = probe.photo["url"]
    if wrong := [step for step in check_as_atlassian(url) if not step.passed]:
        raise Failed(" ".join(f"{step.name}: {step.detail}" for step in wrong))
    for method in ("HEAD", "GET"):
        kind = probe.wire.send(method, url, headers={}).headers.get("Content-Type")
        if kind != "image/jpeg":
            raise Failed(f"The Content-Type of {method} is {kind!a}.")
    return "HEAD and GET agree: 200, image/jpeg."


def head_length(probe: Probe) -> str:
    """Compare the Content-Length of HEAD with the photo's size."""
    answer = probe.wire.send("HEAD", probe.photo["url"], headers={})
    length, size = answer.headers.get("Content-Length"), str(probe.photo["bytes"])
    if length != size:
        raise Failed(f"HEAD is answered {answer} with Content-Length {length!a}. The photo has {size} bytes.")
    return f"Content-Length: {length}."


def not_modified(probe: Probe) -> str:
    """Ask for a photo whose ETag is known."""
    known = {"If-None-Match": f'"{probe.photo["version"]}"'}
    for method in ("HEAD", "GET"):
        answer = probe.wire.send(method, probe.photo["url"], headers=known)
        if answer.status != HTTPStatus.NOT_MODIFIED or answer.body:
            raise Failed(f"{method} is answered {answer}.")
    return "HEAD and GET are answered 304."


def missing_version(probe: Probe) -> str:
    """Ask for a version that a known user does not have."""
    answer = probe.wire.send("GET", f"/photos/{probe.photo['user_id']}/{UNKNOWN_VERSION}.jpg", headers={})
    if answer.status != HTTPStatus.NOT_FOUND:
        raise Failed(f"It is answered {answer}.")
    return "It is answered 404."


def same_not_found(probe: Probe) -> str:
    """Ask, as a stranger, for what does not exist."""
    known = probe.photo["user_id"]
    paths = [
        f"/photos/{known}-nobody.jpg",
        f"/photos/{known}-nobody/{UNKNOWN_VERSION}.jpg",
        f"/photos/{known}/{UNKNOWN_VERSION}.jpg",
        f"/photos/{known.upper()}.jpg",
        "/photos/-.jpg",
    ]
    answers = {path: probe.wire.send("GET", path, headers={}) for path in paths}
    if len({(answer.status, answer.body) for answer in answers.values()}) > 1:
        raise Failed("The answers differ: " + "; ".join(f"{path}: {answer}" for path, answer in answers.items()))
    return f"{len(paths)} addresses are answered alike: {answers[paths[0]].status}."
