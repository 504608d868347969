"""What becomes of a message: done, shown again later, or given up with a reason."""

import importlib
import sys
import time
from types import SimpleNamespace
from unittest.mock import ANY

import pytest

from headshot.identity.errors import ConfigurationError, PermanentError, TransientError
from headshot.problems import StoreUnavailable
from headshot.publish import Publisher
from headshot.record import Published
from tests.unit.examples import RECORD
from tests.unit.memory import MemoryProvider, MemoryRecords

VARIABLES = [
    *("RECORDS_TABLE", "PUBLISH_QUEUE", "PUBLISH_DEAD_LETTER_QUEUE", "ERASED_URL", "IDENTITY_PROVIDER_URL"),
    *("IDENTITY_PROVIDER_TOKEN_URL", "IDENTITY_PROVIDER_ATTRIBUTE", "IDENTITY_PROVIDER_SECRET"),
]


@pytest.fixture
def rig(monkeypatch):
    """The handler, with what it calls replaced: `errors` meets the users, and what was called is kept."""
    monkeypatch.setenv("IDENTITY_PROVIDER", "Okta")
    for name in VARIABLES:
        monkeypatch.setenv(name, "-")
    handler = importlib.import_module("publish.handler")
    rig = SimpleNamespace(errors={}, tries=[], delays={}, letters={})

    def publish(user_id, tries, age):
        rig.tries.append((user_id, tries, age))
        if user_id in rig.errors:
            raise rig.errors[user_id]

    def delay(receipt_handle, seconds):
        rig.delays[receipt_handle] = seconds

    def bury(user_id, error):
        rig.letters[user_id] = error

    monkeypatch.setattr(handler, "publisher", SimpleNamespace(publish=publish))
    monkeypatch.setattr(handler, "queue", SimpleNamespace(delay=delay))
    monkeypatch.setattr(handler, "dead_letters", SimpleNamespace(add=bury))
    context = SimpleNamespace(
        function_name="publish", memory_limit_in_mb=256, invoked_function_arn="arn", aws_request_id="1"
    )
    rig.module, rig.bury = handler, bury
    rig.handle = lambda *messages: handler.handler({"Records": list(messages)}, context)["batchItemFailures"]
    return rig


def message(user_id, received=1, age=0):
    return {
        "messageId": f"id-{user_id}",
        "receiptHandle": f"receipt-{user_id}",
        "body": f'{{"user_id": "{user_id}"}}',
        "attributes": {
            "ApproximateReceiveCount": str(received),
            "SentTimestamp": str(int((time.time() - age) * 1000)),
        },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
    }


def test_each_message_of_a_batch_has_an_outcome_of_its_own(rig):
    rig.errors = {
        "limited": TransientError("limit", 90),
        "unknown": PermanentError("no such user"),
        "dynamodb": StoreUnavailable(),
        "bug": ZeroDivisionError("bug"),
    }
    names = ["limited", "unknown", "ada", "bug", "dynamodb", "grace"]
    stay = rig.handle(*(message(name) for name in names))
    assert [item["itemIdentifier"] for item in stay] == ["id-limited", "id-bug", "id-dynamodb"]
    assert [name for name, _, _ in rig.tries] == names
    assert rig.letters == {"unknown": "no such user"}
    assert rig.delays.keys() == {"receipt-limited", "receipt-bug", "receipt-dynamodb"}
    assert 90 <= rig.delays["receipt-limited"] <= 108
    assert 2 <= rig.delays["receipt-dynamodb"] < 3


def test_the_delay_grows_with_the_number_of_tries(rig):
    for error, delays in (
        (TransientError("down"), ((1, 2), (2, 4), (5, 32), (50, 1200))),
        (ConfigurationError("wrong secret"), ((1, 60), (2, 120), (50, 1200))),
    ):
        rig.errors = {"ada": error}
        for received, seconds in delays:
            assert rig.handle(message("ada", received)) == [{"itemIdentifier": "id-ada"}]
            assert seconds <= rig.delays["receipt-ada"] <= seconds * 1.2
    assert rig.letters == {}


def test_publish_learns_how_often_and_for_how_long_a_message_was_tried(rig):
    rig.handle(message("ada", received=7, age=87_000))
    [(user_id, tries, age)] = rig.tries
    assert (user_id, tries) == ("ada", 7)
    assert age.total_seconds() == pytest.approx(87_000, abs=60)


@pytest.mark.parametrize("body", ["not JSON", "[]", "{}", '{"user_id": 7}', '{"user_id": "a/b"}', "[" * 100_000])
def test_a_message_that_names_nobody_fails_at_once(rig, body):
    assert rig.handle(message("x") | {"body": body}, message("ada")) == []
    assert rig.letters == {body: "This message names no user id."}
    assert [name for name, _, _ in rig.tries] == ["ada"]


SECRET = "SSWS known\n"


def test_no_log_line_shows_the_message_of_an_unexpected_exception(rig, monkeypatch, capfd):
    """A client library may put a header into its message, and the header holds the credentials."""

    class Provider(MemoryProvider):
        def set(self, _user_id, _url):
            raise ValueError(f"Invalid header value {SECRET.encode()!r}")

    records = MemoryRecords()
    records.items["ada"] = RECORD
    monkeypatch.setattr(rig.module, "publisher", Publisher(records, Provider(), None))
    monkeypatch.setattr(rig.module.logger._logger.handlers[0], "stream", sys.stdout)

    for received in range(1, 5):
        assert rig.handle(message("ada", received)) == [{"itemIdentifier": "id-ada"}]
        assert records.items["ada"].published == Published("retrying", ANY, ANY, ANY)
    monkeypatch.setattr(rig.module.dead_letters, "add", fail_at_once)
    assert rig.handle(message("ada", 5)) == [{"itemIdentifier": "id-ada"}]  # SQS failed: it stays
    monkeypatch.setattr(rig.module.dead_letters, "add", rig.bury)
    assert rig.handle(message("ada", 5)) == []
    published = records.items["ada"].published
    assert published
    assert published.status == "failed"
    assert "ValueError" in str(published.error)
    assert "ValueError" in rig.letters["ada"]
    logged = capfd.readouterr().out
    assert logged.count("raise ValueError") == 6, "the log says where"
    for text in (logged, str(published.error), rig.letters["ada"]):
        assert "known" not in text


def fail_at_once(*_arguments):
    raise StoreUnavailable


def test_a_bug_outside_of_the_identity_provider_is_bounded_too(rig):
    """Such as an item in the table that nobody can read."""
    rig.errors = {"ada": KeyError("width")}
    for received in range(1, 5):
        assert rig.handle(message("ada", received)) == [{"itemIdentifier": "id-ada"}]
    assert rig.letters == {}
    assert rig.handle(message("ada", 5)) == []
    assert "KeyError" in rig.letters["ada"]


def test_a_message_whose_retry_cannot_be_timed_stays_in_the_queue(rig, monkeypatch):
    rig.errors = {"ada": TransientError("down")}
    monkeypatch.setattr(rig.module.queue, "delay", fail_at_once)
    assert rig.handle(message("ada"), message("grace")) == [{"itemIdentifier": "id-ada"}]
