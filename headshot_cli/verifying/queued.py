"""Checks of what goes through queues: files in the drop box, and the identity provider."""

from collections.abc import Callable
from http import HTTPStatus

import urllib3
from urllib3.exceptions import HTTPError

from headshot_cli.api import user_path
from headshot_cli.verifying import probe as limits
from headshot_cli.verifying.probe import Failed, NotTried, Probe, picture


def drop_box(probe: Probe) -> str:
    """Copy a file into the drop box, and wait for the photo."""
    probe.check_admission()
    user_id, bucket = probe.user("-dropped"), probe.stack.output("PhotosBucket")

    def put() -> None:
        key = f"dropbox/{user_id}.jpg"
        probe.stack.client("s3").put_object(Bucket=bucket, Key=key, Body=picture())

    return _becomes_a_photo(probe, user_id, put)


def form(probe: Probe) -> str:
    """Ask for a form, put a file into the drop box by it, and wait for the photo."""
    probe.check_admission()
    user_id = probe.user("-form")
    asked = probe.wire.send("POST", f"{user_path(user_id)}/uploads")
    if asked.status != HTTPStatus.CREATED:
        raise Failed(f"POST {user_path(user_id)}/uploads is answered {asked}.")

    def put() -> None:
        fields = asked.value["fields"] | {"file": ("photo.jpg", picture())}
        try:
            sent = urllib3.request("POST", asked.value["url"], fields=fields, retries=False, timeout=30)
        except HTTPError as error:
            raise Failed(f"The form cannot be sent: {error}") from error
        if sent.status != HTTPStatus.NO_CONTENT:
            raise Failed(f"The form is answered {sent.status} {sent.data[:300].decode('utf-8', 'replace')!a}.")

    return _becomes_a_photo(probe, user_id, put)


def _becomes_a_photo(probe: Probe, user_id: str, put: Callable[[], None]) -> str:
    put()
    if probe.eventually(lambda: probe.record(user_id).status == HTTPStatus.OK):
        return "The file became a photo."
    known = probe.wire.send("GET", f"{user_path(user_id)}/uploads")
    raise Failed(
        f"After {limits.PATIENCE:.0f} seconds the file is no photo. Uploads: {known}."
        " In the first five minutes of a stack S3 announces no files."
    )


def publish(probe: Probe) -> str:
    """Wait until a photo was handed to the identity provider, which does not know the user."""
    if not probe.stack.has("PublishQueue"):
        raise NotTried("The stack has no identity provider.")
    user_id = probe.photo["user_id"]
    tried = probe.eventually(lambda: (probe.record(user_id).value or {}).get("published"))
    if not tried:
        raise Failed(f"After {limits.PATIENCE:.0f} seconds nothing was handed to the identity provider.")
    return f"The identity provider was asked: {tried['status']}, {tried['error']}"
