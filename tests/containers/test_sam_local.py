"""All events and a whole session in the containers of `sam local`, against the local stack."""

import base64

import pytest
import requests

from local import events, portrait, stack
from tests.awaiting import eventually
from tests.containers.conftest import PATIENCE
from tests.stack.conftest import Caller
from tests.stack.test_sam_local import EXPECTED

pytestmark = pytest.mark.containers

ADA = portrait.jpeg("Ada Lovelace", (300, 400))


class Session(Caller):
    """A client of the API that waits for containers to start."""

    def request(self, method, path, **options):  # type: ignore[override]  # as Caller
        return super().request(method, path, **{"timeout": PATIENCE} | options)


def test_a_session_through_start_api(local):
    with local.api() as url:
        session = Session(url)
        image = base64.b64encode(ADA).decode()
        created = session.put("/users/ada@example.com/photo", json={"image": image})
        assert created.status_code == 201
        record = created.json()
        assert record["url"] == f"{url}/photos/ada@example.com/{record['version']}.jpg"

        for address in (record["url"], "/photos/ada@example.com.jpg"):
            head, get = session.head(address), session.get(address)
            assert (head.status_code, get.status_code) == (200, 200)
            assert head.headers["Content-Type"] == get.headers["Content-Type"] == "image/jpeg"
            assert len(get.content) == record["bytes"]
        assert session.get("/users/ada@example.com/photo").json() == record

        # The file of a form goes to the local stack itself, which ingests it as on AWS.
        form = session.post("/users/ada@example.com/photo/uploads").json()
        sent = requests.post(form["url"], data=form["fields"], files={"file": ADA}, timeout=PATIENCE)
        assert sent.status_code == 204

        def settled():
            found = session.get(form["upload"]).json()
            return found if found["status"] != "waiting" else None

        assert eventually(settled, PATIENCE)["status"] == "accepted"

        assert session.post("/photos/ada@example.com.jpg").status_code == 405
        assert session.get("/nowhere").status_code == 404
        assert session.delete("/users/ada@example.com/photo").ok
        assert session.get(record["url"]).status_code == 404
        assert session.get("/users/ada@example.com/photo").status_code == 404


def test_the_events_of_routes(local):
    answered = {name: local.invoke(name).get("statusCode") for name in EXPECTED}
    assert answered == EXPECTED


def test_a_file_in_the_drop_box(local):
    local.stop_taking("IngestFunction")
    bucket = stack.outputs(local.emulator)["PhotosBucket"]
    s3 = local.client("s3")
    s3.put_object(Bucket=bucket, Key=f"dropbox/{events.USER_ID}.jpg", Body=ADA)
    assert local.invoke("ingest-queue") == {"batchItemFailures": []}
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket, Prefix="dropbox/")
    body = local.invoke("upload-get-record")["body"]
    assert f'"url": "{local.emulator.api_url}/photos/' in body


PUBLISHING = ["relay-changes", "publish-queue", "reconcile"]


@pytest.mark.parametrize("event", PUBLISHING)
def test_without_an_identity_provider_the_error_names_the_missing_parameter(local, event):
    answer = local.invoke(event)
    assert answer["errorType"] == "NoIdentityProviderError"
    assert "Deploy it with the parameter IdentityProvider" in answer["errorMessage"]


def test_the_fake_identity_provider_is_reached(local):
    assert local.copy.stop() == (0, [])
    printed = local.copy.start("--containers", "yes", "--identity-provider", "Okta")
    [upload] = [line for line in printed.splitlines() if " -X PUT " in line]
    local.copy.curl(upload)

    relay, publish, reconcile = (local.invoke(event) for event in PUBLISHING)
    assert relay is None
    assert "batchItemFailures" in publish
    assert reconcile["start_after"] is None
    assert reconcile["summary"]["unchanged"] + reconcile["summary"]["repaired"] == 1
