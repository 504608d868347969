"""`headshot verify` as its user runs it, on a stack with the settings that MiniStack leaves out."""

import json

import pytest

OURS = "headshot-verify-"
EXPIRING = ("superseded/", "rejected/", "dropbox/")


@pytest.fixture(scope="module", autouse=True)
def _complete(rig):
    """Apply the settings that MiniStack ignores in the template."""
    expire(rig)
    recovery(rig, enabled=True)


def expire(rig):
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
    """Run the command, and return its exit code, the rows by check, and its errors."""

    def run(*names):
        code, printed, error = headshot("verify", *names, "--json")
        return code, {row["check"]: row for row in json.loads(printed)}, error

    return run


def left(rig):
    """Return what is left of the command's users in the bucket and in both tables, but for the history of erasures."""
    objects = [key for key in rig.objects("") if OURS in key]
    tables = [rig.physical_id(name) for name in ("RecordsTable", "UploadsTable")]
    items = [item for table in tables for item in rig.client("dynamodb").scan(TableName=table)["Items"]]
    users = [item["user_id"]["S"] for item in items if "expires_at" not in item]
    return objects + [user_id for user_id in users if user_id.startswith(OURS)]


def results(rows, result):
    return {name for name, row in rows.items() if row["result"] == result}
