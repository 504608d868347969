"""Checks of what goes through queues: files in the drop box, and publishing to the identity provider."""

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
    """Request an upload form, send a file with it, and wait for the photo."""
    probe.check_admission()
    user_id = probe.user("-form")
    created = probe.api.exchange("POST", f"{user_path(user_id)}/uploads")
    if created.status != HTTPStatus.CREATED:
        raise Failed(f"POST {user_path(user_id)}/uploads returns {created}.")

    def put() -> None:
        fields = created.value["fields"] | {"file": ("photo.jpg", picture())}
        try:
            sent = urllib3.request("POST", created.value["url"], fields=fields, retries=False, timeout=30)
        except HTTPError as error:
            raise Failed(f"The form cannot be sent: {error}") from error
        if sent.status != HTTPStatus.NO_CONTENT:
            raise Failed(f"The form returns {sent.status} {sent.data[:300].decode('utf-8', 'replace')!a}.")

    return _becomes_a_photo(probe, user_id, put)


def _becomes_a_photo(probe: Probe, user_id: str, put: Callable[[], None]) -> str:
    put()
    if probe.eventually(lambda: probe.record(user_id).status == HTTPStatus.OK):
        return "The file became a photo."
    uploads = probe.api.exchange("GET", f"{user_path(user_id)}/uploads")
    raise Failed(
        f"The file did not become a photo within {limits.PATIENCE:.0f} seconds. Uploads: {uploads}."
        " In the first five minutes of a stack S3 reports no files."
    )


def publish(probe: Probe) -> str:
    """Wait until publish has tried a photo at the identity provider, which does not know the user."""
    if not probe.stack.has("PublishQueue"):
        raise NotTried("The stack has no identity provider.")
    user_id = probe.photo["user_id"]
    tried = probe.eventually(lambda: (probe.record(user_id).value or {}).get("published"))
    if not tried:
        raise Failed(f"Publish did not try the photo within {limits.PATIENCE:.0f} seconds.")
    return f"Publish asked the identity provider: {tried['status']}, {tried['error']}"
