"""Every upload can be followed to the vendor by one correlation id, and no log line says too much."""

import base64
import json

import pytest
import requests

from local import portrait
from tests.awaiting import eventually
from tests.fakes.systems import PRIVATE_KEY, PROVIDERS
from tests.publish.deploying import identity_provider, update_stack
from tests.publish.logs import correlation_id, entries, lines, metrics, trail
from tests.publish.watching import erasure, status

ADA, GRACE = (portrait.jpeg(name, (300, 400)) for name in ("Ada Lovelace", "Grace Hopper"))

PUBLISHED = {
    ("relay", "photo changed"),
    ("publish", "identity provider answered"),
    ("publish", "identity provider updated"),
}

# What a line of Powertools has, and what Headshot adds. `error` holds the vendor's words.
POWERTOOLS = {"level", "location", "message", "timestamp", "service", "cold_start", "name", "exception"}
POWERTOOLS |= {"exception_name", "stack_trace", "xray_trace_id"}
POWERTOOLS |= {"function_name", "function_memory_size", "function_arn", "function_request_id"}
ADDED = {"correlation_id", "user_id", "principal", "route_key", "status", "code", "version", "error", "where"}
ADDED |= {"file", "upload_id", "retry_seconds", "vendor", "method", "vendor_request_id"}
ADDED |= {"photos", "record", "files", "uploads", "identity_provider"}  # a receipt of an erasure
ADDED |= {"task", "queued", "dead_letters_deleted", "superseded", "summary", "start_after", "tenant_id"}


@pytest.fixture(scope="module")
def okta():
    return PROVIDERS["okta"]()


@pytest.fixture(scope="module")
def publishing(rig, okta):
    with identity_provider(rig, okta, LogLevel="DEBUG") as publishing:
        yield publishing
    update_stack(rig, LogLevel="INFO")


def test_an_upload_and_an_erasure_are_followed_from_the_request_to_the_vendor(publishing, okta, uploader):
    ada = okta.fake.add("ada-followed", "ada-followed@example.com")
    uploader.upload(ada, ADA)
    eventually(lambda: status(uploader, ada) == "published")
    uploaded = correlation_id(publishing, "photo set", ada)
    eventually(lambda: trail(publishing, uploaded) == {("upload", "photo set"), *PUBLISHED})

    uploader.erase(ada)
    erased = correlation_id(publishing, "user erased", ada)
    assert erased != uploaded
    eventually(lambda: erasure(uploader, ada) is None)
    eventually(lambda: trail(publishing, erased) == {("upload", "user erased"), *PUBLISHED})


def test_a_file_is_followed_from_the_drop_box_to_the_vendor(publishing, okta, uploader, drop):
    ada = okta.fake.add("ada-dropped", "ada-dropped@example.com")
    drop(f"{ada}.jpg", ADA)
    eventually(lambda: uploader.record(ada).ok and status(uploader, ada) == "published")
    dropped = correlation_id(publishing, "file ingested", ada)
    eventually(lambda: trail(publishing, dropped) == {("ingest", "file ingested"), *PUBLISHED})
    uploader.erase(ada)


def test_a_form_is_followed_from_its_request_to_the_vendor(publishing, okta, uploader):
    ada = okta.fake.add("ada-formed", "ada-formed@example.com")
    form = uploader.post(f"/users/{ada}/photo/uploads").json()
    requests.post(form["url"], data=form["fields"], files={"file": GRACE}, timeout=30)
    eventually(lambda: uploader.record(ada).ok and status(uploader, ada) == "published")
    formed = correlation_id(publishing, "form signed", ada)
    expected = {("upload", "form signed"), ("ingest", "file ingested"), *PUBLISHED}
    eventually(lambda: trail(publishing, formed) == expected)
    assert "correlation_id" not in uploader.record(ada).json()
    assert "correlation_id" not in uploader.get(form["upload"]).json()
    uploader.erase(ada)


def test_every_rejection_is_logged_with_its_code(publishing, uploader, stranger):
    uploader.upload("ada-rejected", b"no picture")
    uploader.record("ada-nobody")
    stranger.head("/photos/ada-nobody.jpg")

    def rejected():
        found = [entry for entry in entries(publishing) if entry.get("message") == "request rejected"]
        return {(entry["route_key"], entry["code"], entry["user_id"]) for entry in found if "user_id" in entry}

    expected = {
        ("PUT /users/{user_id}/photo", "unsupported-format", "ada-rejected"),
        ("GET /users/{user_id}/photo", "not-found", "ada-nobody"),
        ("HEAD /photos/{file}", "not-found", "ada-nobody"),
    }
    eventually(lambda: rejected() >= expected)


def test_what_happens_is_counted(publishing, okta, uploader):
    ada = okta.fake.add("ada-counted", "ada-counted@example.com")
    uploader.upload(ada, b"no picture")
    uploader.upload(ada, ADA)
    eventually(lambda: status(uploader, ada) == "published")
    uploader.erase(ada)
    expected = {"PhotoSet", "PhotoRefused", "PhotoErased", "Published", "PublishLag"}
    eventually(lambda: metrics(publishing) >= expected)


def test_debug_logs_reads_too(publishing, stranger):
    stranger.get("/photos/_default.jpg")
    eventually(lambda: any(entry.get("message") == "request answered" for entry in entries(publishing)))


def test_no_line_holds_a_token_a_picture_or_personal_data_beyond_the_user_and_the_caller(
    publishing, okta, uploader, drop
):
    """Among the lines are those of the tests above. The file that fails has an event with its sender's address."""
    uploader.put("/users/ada-json/photo", json={"image": base64.b64encode(b"GIF89a no picture").decode()})
    ada = okta.fake.add("ada-scanned", "ada-scanned@example.com")
    drop(f"{ada}.txt", b"no picture")
    eventually(lambda: any(entry.get("file") == f"{ada}.txt" for entry in entries(publishing)))
    secrets = ["Bearer ", "SSWS", "DPoP ", "eyJ", "X-Amz-", PRIVATE_KEY.splitlines()[1]]
    secrets.append(uploader.auth._signer.credentials.token)
    pictures = [base64.b64encode(start).decode()[:12] for start in (ADA, GRACE, b"GIF89a no picture")]
    personal = ["ada-scanned@", "127.0.0.1", "python-requests", "sourceIp", "source-ip-address"]
    for line in lines(publishing):
        for text in (*secrets, *pictures, *personal):
            assert text not in line.replace(publishing.url, "")
    for entry in entries(publishing):
        if "_aws" not in entry:
            assert entry.keys() <= POWERTOOLS | ADDED, json.dumps(entry)
