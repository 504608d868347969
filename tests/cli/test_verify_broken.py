"""`headshot verify` on a stack that was broken."""

from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from headshot_cli.verifying import probe
from tests.cli.verifying import _complete, expire, left, recovery, results, verify
from tests.stack.test_faults import denied

__all__ = ["_complete", "verify"]


@contextmanager
def no_lifecycle(rig):
    rig.client("s3").delete_bucket_lifecycle(Bucket=rig.outputs["PhotosBucket"])
    yield
    expire(rig)


@contextmanager
def no_recovery(rig):
    recovery(rig, enabled=False)
    yield
    recovery(rig, enabled=True)


@contextmanager
def no_announcements(rig):
    s3, bucket = rig.client("s3"), rig.outputs["PhotosBucket"]
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    yield
    switch: Any = {"EventBridgeConfiguration": {}}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=switch)


@contextmanager
def many_at_once(rig):
    client, mapping = rig.client("lambda"), rig.physical_id("IngestFunctionQueue")
    before = client.get_event_source_mapping(UUID=mapping)["ScalingConfig"]
    client.update_event_source_mapping(UUID=mapping, ScalingConfig={"MaximumConcurrency": 1000})
    yield
    client.update_event_source_mapping(UUID=mapping, ScalingConfig=before)


def route(key, **changes):
    """Change a route of the API, or delete it if there are no changes."""

    @contextmanager
    def changed(rig):
        gateway = rig.client("apigatewayv2")
        [api] = [api["ApiId"] for api in gateway.get_apis()["Items"] if api["ApiEndpoint"] == rig.url]
        [found] = [route for route in gateway.get_routes(ApiId=api)["Items"] if route["RouteKey"] == key]
        before = {name: found[name] for name in ("RouteKey", "Target", "AuthorizationType")}
        gateway.delete_route(ApiId=api, RouteId=found["RouteId"])
        made = changes and gateway.create_route(ApiId=api, **before | changes)
        yield
        if made:
            gateway.delete_route(ApiId=api, RouteId=made["RouteId"])
        gateway.create_route(ApiId=api, **before)

    return changed


def without_permission(role, action):
    return lambda rig: denied(rig, role, action)


HEAD, GET = "HEAD /photos/{user_id}/{file}", "GET /photos/{user_id}/{file}"


@pytest.mark.parametrize(
    ("broken", "details"),
    [
        pytest.param(
            [no_lifecycle, no_recovery, no_announcements, many_at_once],
            {
                "lifecycle": "Nothing expires under dropbox/, rejected/, superseded/.",
                "recovery": "Point-in-time recovery is DISABLED.",
                "event-bridge": "The bucket sends no events to EventBridge.",
                "concurrency": "queues alone may start 1000: reads would wait.",
            },
            id="settings",
        ),
        pytest.param(
            [route("GET /uploads", AuthorizationType="NONE"), route("POST /users/{user_id}/photo/uploads")],
            {
                "unsigned": "/photo/uploads (405).",
                "form": "/photo/uploads returns 405",
            },
            id="routes of callers",
        ),
        pytest.param(
            [route(HEAD)],
            {
                "as-atlassian": "HEAD: The server returns 405",
                "head-length": "HEAD returns 405",
                "at-sign": "returns 405",
            },
            id="HEAD",
        ),
        pytest.param(
            [route(GET)],
            {
                "not-modified": "GET returns 405",
                "missing-version": "It returns 405",
                "same-not-found": "The responses differ: ",
            },
            id="GET",
        ),
        pytest.param(
            [route("PUT /users/{user_id}/photo")],
            {"upload": "returns 405", "too-large": "7000000 bytes returns 405"},
            id="PUT",
        ),
        pytest.param(
            [without_permission("IngestRole", "s3:ListBucketVersions")],
            {"drop-box": "The file did not become a photo within 3 seconds."},
            id="ingest",
        ),
    ],
)
def test_a_broken_stack_fails_the_checks_for_what_is_broken(rig, verify, monkeypatch, broken, details):
    monkeypatch.setattr(probe, "PATIENCE", 3)
    with ExitStack() as repaired:
        for breaking in broken:
            repaired.enter_context(breaking(rig))
        code, rows, _ = verify(*details)
    assert (code, results(rows, "failed")) == (1, details.keys())
    for check, detail in details.items():
        assert detail in rows[check]["detail"]
    assert left(rig) == []
