"""The sample events for `sam local invoke`."""

import json
from unittest.mock import ANY

import pytest

from local.stack import PROJECT


@pytest.mark.parametrize(
    ("function", "name", "expected"),
    [
        ("RelayFunction", "relay-changes", None),
        ("PublishFunction", "publish-queue", {"batchItemFailures": []}),
        ("ReconcileFunction", "reconcile", {"summary": ANY, "start_after": None, "failures": ANY, "error": None}),
    ],
)
def test_the_events_for_sam_local_work(publishing, function, name, expected):
    event = (PROJECT / f"events/{name}.json").read_bytes()
    result = publishing.client("lambda").invoke(FunctionName=publishing.physical_id(function), Payload=event)
    assert "FunctionError" not in result
    assert json.load(result["Payload"]) == expected
