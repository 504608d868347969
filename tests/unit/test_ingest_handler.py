"""A message about a file is done, or retried after a delay that grows."""

import importlib
import json
from types import SimpleNamespace

import pytest

from headshot.problems import StoreUnavailable, UploadConflict

VARIABLES = ["PHOTOS_BUCKET", "RECORDS_TABLE", "UPLOADS_TABLE", "INGEST_QUEUE", "BASE_URL"]


@pytest.fixture
def rig(monkeypatch):
    """The handler with what it calls replaced: `errors` are raised for files, `delays` are those of messages."""
    for name in VARIABLES:
        monkeypatch.setenv(name, "-")
    handler = importlib.import_module("ingest.handler")
    rig = SimpleNamespace(handler=handler, errors={}, delays={}, names=[], logged=[])

    def ingest(name, _correlation_id):
        rig.names.append(name)
        if name in rig.errors:
            raise rig.errors[name]

    def delay(receipt_handle, seconds):
        rig.delays[receipt_handle] = seconds

    monkeypatch.setattr(handler.logger, "error", lambda text, **_extra: rig.logged.append(text))
    monkeypatch.setattr(handler, "ingester", SimpleNamespace(ingest=ingest))
    monkeypatch.setattr(handler, "queue", SimpleNamespace(delay=delay))
    context = SimpleNamespace(
        function_name="ingest", memory_limit_in_mb=256, invoked_function_arn="arn", aws_request_id="1"
    )
    rig.handle = lambda *messages: handler.handler({"Records": list(messages)}, context)["batchItemFailures"]
    return rig


def message(name, received=1, body=None):
    return {
        "messageId": f"id-{name}",
        "receiptHandle": f"receipt-{name}",
        "body": body or json.dumps({"detail": {"object": {"key": f"dropbox/{name}"}}}),
        "attributes": {"ApproximateReceiveCount": str(received), "SentTimestamp": "1793448000000"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
    }


def test_a_file_that_fails_is_retried_within_seconds_and_delays_no_other(rig):
    rig.errors = {"s3": StoreUnavailable(), "conflict": UploadConflict("changed"), "bug": ZeroDivisionError("bug")}
    names = ["s3", "ada", "conflict", "bug", "grace"]
    stay = rig.handle(*(message(name) for name in names))
    assert [item["itemIdentifier"] for item in stay] == ["id-s3", "id-conflict", "id-bug"]
    assert rig.names == names
    assert rig.delays.keys() == {"receipt-s3", "receipt-conflict", "receipt-bug"}
    assert all(3 <= seconds <= 3.6 for seconds in rig.delays.values())


def test_the_delay_doubles_with_every_attempt(rig):
    rig.errors = {"ada": StoreUnavailable()}
    for received, seconds in ((1, 3), (2, 6), (5, 48), (10, 1536)):
        rig.handle(message("ada", received))
        assert seconds <= rig.delays["receipt-ada"] <= seconds * 1.2


@pytest.mark.parametrize("body", ["not JSON", "{}", "[]", '{"detail": null}'])
def test_a_message_that_names_no_file_is_logged_and_retried(rig, body):
    [stays] = rig.handle(message("junk", body=body))
    assert stays["itemIdentifier"] == "id-junk"
    assert "receipt-junk" in rig.delays
    assert rig.logged == ["file not ingested yet"]


def test_a_retry_that_cannot_be_delayed_stays_in_the_queue_and_delays_no_other(rig, monkeypatch):
    def unavailable(_receipt_handle, _seconds):
        raise StoreUnavailable("SQS")

    monkeypatch.setattr(rig.handler, "queue", SimpleNamespace(delay=unavailable))
    rig.errors = {"ada": StoreUnavailable()}
    [stays] = rig.handle(message("ada"), message("grace"))
    assert stays["itemIdentifier"] == "id-ada"
    assert rig.names == ["ada", "grace"]
