"""`headshot verify`, on a stack that works and on one that was broken."""

import json
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from headshot_cli.verifying import probe
from headshot_cli.verifying.checks import CHECKS
from local.emulator import REGION
from local.stack import PROJECT
from tests.awaiting import eventually
from tests.stack.conftest import assume_role
from tests.stack.test_faults import denied

OURS = "headshot-verify-"
BY_HAND = {check.name for check in CHECKS if check.run is None}
EXPIRING = ("superseded/", "rejected/", "dropbox/")


@pytest.fixture(scope="module", autouse=True)
def complete(rig):
    """Switch on what MiniStack leaves out of a stack."""
    keep_for_a_while(rig)
    recovery(rig, enabled=True)


def keep_for_a_while(rig):
    rules = [
        {"ID": name, "Status": "Enabled", "Filter": {"Prefix": name}, "Expiration": {"Days": 14}} for name in EXPIRING
    ]
    rig.client("s3").put_bucket_lifecycle_configuration(
        Bucket=rig.outputs["PhotosBucket"], LifecycleConfiguration={"Rules": rules}
    )


def recovery(rig, *, enabled):
    specification = {"PointInTimeRecoveryEnabled": enabled}
    table = rig.outputs["RecordsTable"]
    rig.client("dynamodb").update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=specification)


@pytest.fixture
def verify(headshot):
    """Run the command, and return its exit code, the rows by check, and what it says beside them."""

    def run(*names):
        code, printed, error = headshot("verify", *names, "--json")
        return code, {row["check"]: row for row in json.loads(printed)}, error

    return run


def left(rig):
    """Return what is left of the command's own users, in the bucket and in both tables."""
    objects = [key for key in rig.objects("") if OURS in key]
    tables = [rig.physical_id(name) for name in ("RecordsTable", "UploadsTable")]
    items = [item for table in tables for item in rig.client("dynamodb").scan(TableName=table)["Items"]]
    return objects + [item["user_id"]["S"] for item in items if item["user_id"]["S"].startswith(OURS)]


def results(rows, result):
    return {name for name, row in rows.items() if row["result"] == result}


def test_a_stack_that_works_is_verified_and_left_as_it_was(rig, verify):
    code, rows, error = verify()
    assert list(rows) == [check.name for check in CHECKS]
    assert (code, results(rows, "failed")) == (0, set()), rows
    assert results(rows, "by hand") == BY_HAND | {"publish", "plain-http"}
    assert rows["plain-http"]["detail"].startswith("This endpoint offers plain HTTP only")
    assert rows["lifecycle"]["command"].endswith(f"--bucket {rig.outputs['PhotosBucket']}")
    assert rows["at-sign"]["command"].split()[3:5] == ["--region", REGION]
    assert error == ""
    assert left(rig) == []


def test_a_person_reads_what_was_seen_and_what_to_do(headshot):
    code, printed, _ = headshot("verify", "event-bridge", "throttling")
    assert code == 0
    first, seen, second, reason, command, counts = printed.splitlines()
    assert first == "ok   event-bridge: The bucket announces files to EventBridge"
    assert seen == "     The bucket sends its events to EventBridge."
    assert (second[:16], reason) == ("hand throttling:", "     This command cannot try it.")
    assert command.startswith("     sam deploy --parameter-overrides ThrottleRate=1")
    assert counts == "1 verified, 0 failed, 1 by hand"


def test_a_check_that_does_not_exist_is_no_check(headshot):
    code, printed, error = headshot("verify", "everything")
    assert (code, printed) == (2, "")
    assert "There is no check everything." in " ".join(error.split())


@contextmanager
def no_lifecycle(rig):
    rig.client("s3").delete_bucket_lifecycle(Bucket=rig.outputs["PhotosBucket"])
    yield
    keep_for_a_while(rig)


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
    """Change a route of the API, or without changes delete it."""

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


def rejected(role, action):
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
            [rejected("IngestRole", "s3:ListBucketVersions")],
            {"drop-box": "The file did not become a photo within 3 seconds."},
            id="ingest",
        ),
    ],
)
def test_what_is_broken_has_failed(rig, verify, monkeypatch, broken, details):
    monkeypatch.setattr(probe, "PATIENCE", 3)
    with ExitStack() as mended:
        for breaking in broken:
            mended.enter_context(breaking(rig))
        code, rows, _ = verify(*details)
    assert (code, results(rows, "failed")) == (1, details.keys())
    for check, detail in details.items():
        assert detail in rows[check]["detail"]
    assert left(rig) == []


def test_without_a_photo_what_needs_one_is_left_to_be_done_by_hand(rig, verify):
    with denied(rig, "UploadRole", "s3:PutObject"):
        code, rows, _ = verify("upload", "head-length", "recovery")
    assert (code, results(rows, "failed"), results(rows, "verified")) == (1, {"upload"}, {"recovery"})
    assert "503 ('store-unavailable')" in rows["upload"]["detail"]
    assert rows["head-length"]["detail"] == "There is no photo to try it on, because the upload failed."


def test_users_that_cannot_be_erased_are_named_with_what_to_do(rig, verify, headshot):
    with denied(rig, "UploadRole", "s3:DeleteObjectVersion"):
        code, rows, error = verify("upload")
    assert (code, results(rows, "verified")) == (1, {"upload"})
    user_id = error.split()[-1]
    assert error == f"{user_id} is not erased: 503 ('store-unavailable'). Run: headshot erase {user_id}\n"
    assert headshot("erase", user_id, "--yes")[0] == 0
    assert left(rig) == []


def test_who_may_not_call_the_api_is_told_so_and_nothing_has_failed(rig, verify, monkeypatch):
    credentials = assume_role(rig, "auditor")
    statement = {"Effect": "Allow", "Action": "cloudformation:DescribeStacks", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    rig.client("iam").put_role_policy(RoleName="auditor", PolicyName="stacks", PolicyDocument=document)
    keys = {"ACCESS_KEY_ID": "access_key", "SECRET_ACCESS_KEY": "secret_key", "SESSION_TOKEN": "token"}
    for name, attribute in keys.items():
        monkeypatch.setenv(f"AWS_{name}", getattr(credentials, attribute))
    code, rows, error = verify("upload", "at-sign", "unsigned", "lifecycle")
    assert (code, error, results(rows, "verified")) == (0, "", {"unsigned"})
    for name in ("upload", "at-sign"):
        assert rows[name]["detail"].startswith("Your credentials are not allowed to call the API (403")
    assert "AccessDenied" in rows["lifecycle"]["detail"]


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_erases_what_it_has_made(rig, stop):
    with denied(rig, "IngestRole", "s3:ListBucketVersions"):  # so that it cannot be done before it hears
        command = [sys.executable, "-m", "headshot_cli", "verify", "upload", "drop-box"]
        pipe = subprocess.PIPE
        with subprocess.Popen(
            command, cwd=PROJECT, env=rig.emulator.environment, stdout=pipe, stderr=pipe, text=True
        ) as process:
            eventually(lambda: rig.objects(f"dropbox/{OURS}"))
            process.send_signal(stop)
            _, error = process.communicate()
    assert (process.returncode, error.splitlines()[0]) == (130, "Interrupted. Erasing the users that were created.")
    assert left(rig) == []
