"""A message is published and deleted, delayed, or moved to the dead-letter queue with a reason."""

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
    *(
        "RECORDS_TABLE",
        "PUBLISH_QUEUE",
        "PUBLISH_DEAD_LETTER_QUEUE",
        "ERASED_PHOTO",
        "BASE_URL",
        "IDENTITY_PROVIDER_URL",
    ),
    *("IDENTITY_PROVIDER_TOKEN_URL", "IDENTITY_PROVIDER_ATTRIBUTE", "IDENTITY_PROVIDER_SECRET"),
]


@pytest.fixture
def rig(monkeypatch):
    """The handler with fakes: `errors` has an error for a user; the calls are stored in the other attributes."""
    monkeypatch.setenv("IDENTITY_PROVIDER", "Okta")
    for name in VARIABLES:
        monkeypatch.setenv(name, "-")
    handler = importlib.import_module("publish.handler")
    rig = SimpleNamespace(errors={}, tries=[], delays={}, failed={}, correlation_ids={})

    def publish(user_id, tries, age):
        rig.tries.append((user_id, tries, age))
        if user_id in rig.errors:
            raise rig.errors[user_id]

    def delay(receipt_handle, seconds):
        rig.delays[receipt_handle] = seconds

    def add(user_id, error, correlation_id):
        rig.failed[user_id] = error
        rig.correlation_ids[user_id] = correlation_id

    monkeypatch.setattr(handler, "publisher", SimpleNamespace(publish=publish))
    monkeypatch.setattr(handler, "queue", SimpleNamespace(delay=delay))
    monkeypatch.setattr(handler, "dead_letters", SimpleNamespace(add=add))
    context = SimpleNamespace(
        function_name="publish", memory_limit_in_mb=256, invoked_function_arn="arn", aws_request_id="1"
    )
    rig.module, rig.add = handler, add
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


def test_each_message_of_a_batch_succeeds_or_fails_on_its_own(rig):
    rig.errors = {
        "limited": TransientError("limit", 90),
        "unknown": PermanentError("no such user"),
        "dynamodb": StoreUnavailable(),
        "bug": ZeroDivisionError("bug"),
    }
    names = ["limited", "unknown", "ada", "bug", "dynamodb", "grace"]
    kept = rig.handle(*(message(name) for name in names))
    assert [item["itemIdentifier"] for item in kept] == ["id-limited", "id-bug", "id-dynamodb"]
    assert [name for name, _, _ in rig.tries] == names
    assert rig.failed == {"unknown": "no such user"}
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
    assert rig.failed == {}


def test_publish_receives_the_number_of_tries_and_the_age_of_the_message(rig):
    rig.handle(message("ada", received=7, age=87_000))
    [(user_id, tries, age)] = rig.tries
    assert (user_id, tries) == ("ada", 7)
    assert age.total_seconds() == pytest.approx(87_000, abs=60)


UNREADABLE = ["not JSON", "[]", "{}", '{"user_id": 7}', '{"user_id": "a/b"}', pytest.param("[" * 100_000, id="deep")]


@pytest.mark.parametrize("body", UNREADABLE)
def test_an_unreadable_message_fails_at_once(rig, body):
    assert rig.handle(message("x") | {"body": body}, message("ada")) == []
    assert rig.failed.keys() == {body}
    assert [name for name, _, _ in rig.tries] == ["ada"]


SECRET = "SSWS known\n"


def test_no_log_line_shows_the_message_of_an_unexpected_exception(rig, monkeypatch, capfd):
    """A client library may quote a header in its message, and the header contains the credentials."""

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
    monkeypatch.setattr(rig.module.dead_letters, "add", unavailable)
    assert rig.handle(message("ada", 5)) == [{"itemIdentifier": "id-ada"}]  # SQS failed, so the message stays
    monkeypatch.setattr(rig.module.dead_letters, "add", rig.add)
    assert rig.handle(message("ada", 5)) == []
    published = records.items["ada"].published
    assert published
    assert published.status == "failed"
    assert "ValueError" in str(published.error)
    assert "ValueError" in rig.failed["ada"]
    logged = capfd.readouterr().out
    assert logged.count("raise ValueError") == 6, "the log has the line of code"
    for text in (logged, str(published.error), rig.failed["ada"]):
        assert "known" not in text


def unavailable(*_arguments):
    raise StoreUnavailable


def test_an_unexpected_error_in_our_own_code_fails_after_five_tries(rig):
    """Such as an unreadable item in the table."""
    rig.errors = {"ada": KeyError("width")}
    for received in range(1, 5):
        assert rig.handle(message("ada", received)) == [{"itemIdentifier": "id-ada"}]
    assert rig.failed == {}
    assert rig.handle(message("ada", 5)) == []
    assert "KeyError" in rig.failed["ada"]


def test_a_message_that_cannot_be_delayed_stays_in_the_queue(rig, monkeypatch):
    rig.errors = {"ada": TransientError("down")}
    monkeypatch.setattr(rig.module.queue, "delay", unavailable)
    assert rig.handle(message("ada"), message("grace")) == [{"itemIdentifier": "id-ada"}]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"user_id": "ada", "correlation_id": "request-1"}', "request-1"),
        ('{"user_id": "ada", "correlation_id": null}', "id-ada"),
        ('{"user_id": "ada"}', "id-ada"),
        ("not JSON", "id-ada"),
    ],
)
def test_a_dead_letter_keeps_the_correlation_id_and_messages_without_one_have_their_own(rig, body, expected):
    rig.errors = {"ada": PermanentError("no such user")}
    assert rig.handle(message("ada") | {"body": body}) == []
    assert list(rig.correlation_ids.values()) == [expected]
