"""What becomes of a message: done, shown again later, or given up with a reason."""

import importlib
import time
from types import SimpleNamespace

import pytest

from headshot.identity.errors import PermanentError, TransientError
from headshot.problems import StoreUnavailable

VARIABLES = [
    *("RECORDS_TABLE", "PUBLISH_QUEUE", "DEAD_LETTER_QUEUE", "ERASED_URL", "IDENTITY_PROVIDER_URL"),
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

    def publish(user_id, *, last_try):
        rig.tries.append((user_id, last_try))
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
    assert [name for name, _ in rig.tries] == names
    assert rig.letters == {"unknown": "no such user"}
    assert rig.delays.keys() == {"receipt-limited", "receipt-dynamodb"}
    assert 90 <= rig.delays["receipt-limited"] <= 108
    assert 2 <= rig.delays["receipt-dynamodb"] < 3


def test_the_delay_grows_with_the_number_of_tries(rig):
    rig.errors = {"ada": TransientError("down")}
    for received, seconds in ((1, 2), (2, 4), (5, 32), (50, 1200)):
        rig.handle(message("ada", received))
        assert seconds <= rig.delays["receipt-ada"] <= seconds * 1.2


@pytest.mark.parametrize(("age", "last_try"), [(0, False), (86_000, False), (87_000, True)])
def test_after_a_day_a_try_is_the_last(rig, age, last_try):
    rig.handle(message("ada", age=age))
    assert rig.tries == [("ada", last_try)]
