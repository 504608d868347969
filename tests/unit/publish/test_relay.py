"""Relay queues each user of a batch once, in the order of the stream."""

import importlib
from types import SimpleNamespace

from tests.unit.memory import MemoryQueue


def change(user_id, correlation_id=None):
    image = {"correlation_id": {"S": correlation_id}} if correlation_id else {}
    return {"eventSource": "aws:dynamodb", "dynamodb": {"Keys": {"user_id": {"S": user_id}}, "NewImage": image}}


def test_a_user_with_several_changes_is_queued_once_under_the_id_of_the_last(monkeypatch):
    monkeypatch.setenv("PUBLISH_QUEUE", "https://sqs.us-east-1.amazonaws.com/123456789012/publish")
    handler = importlib.import_module("relay.handler")
    queue = MemoryQueue()
    monkeypatch.setattr(handler, "queue", queue)
    context = SimpleNamespace(
        function_name="relay", memory_limit_in_mb=128, invoked_function_arn="arn", aws_request_id="1"
    )
    changes = [change("ada@example.com", "1"), change("grace"), change("ada@example.com", "3")]
    handler.handler({"Records": changes}, context)
    assert queue.user_ids == ["ada@example.com", "grace"]
    assert queue.correlation_ids == ["3", None]
