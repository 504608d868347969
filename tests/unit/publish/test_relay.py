"""Relay queues each user of a batch once, in the order of the stream."""

import importlib
from types import SimpleNamespace

from tests.unit.memory import MemoryQueue


def change(user_id):
    return {"eventSource": "aws:dynamodb", "dynamodb": {"Keys": {"user_id": {"S": user_id}}}}


def test_a_user_with_several_changes_is_queued_once(monkeypatch):
    monkeypatch.setenv("PUBLISH_QUEUE", "https://sqs.us-east-1.amazonaws.com/123456789012/publish")
    handler = importlib.import_module("relay.handler")
    queue = MemoryQueue()
    monkeypatch.setattr(handler, "queue", queue)
    context = SimpleNamespace(
        function_name="relay", memory_limit_in_mb=128, invoked_function_arn="arn", aws_request_id="1"
    )
    handler.handler({"Records": [change(name) for name in ("ada@example.com", "grace", "ada@example.com")]}, context)
    assert queue.user_ids == ["ada@example.com", "grace"]
