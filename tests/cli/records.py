"""Records of photos, written straight into the table, in states that take time or an identity provider to reach."""

from datetime import UTC, datetime, timedelta

import pytest
from boto3.dynamodb.types import TypeSerializer

from headshot_cli.stack import Stack


@pytest.fixture
def recorded(rig):
    """Write the record of a photo that was uploaded some time ago. All are deleted afterwards."""
    table, client, written = rig.outputs["RecordsTable"], rig.client("dynamodb"), []

    def write(user_id, published=None, ago=timedelta()):
        updated = (datetime.now(UTC) - ago).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        record = {"user_id": user_id, "updated": updated, "url": f"https://photos.example.com/{user_id}.jpg"}
        record |= {"published": published, "created": updated, "version": "0" * 32, "s3_version_id": "1"}
        record |= {"width": 64, "height": 64, "bytes": 1, "principal": "test"}
        client.put_item(TableName=table, Item=TypeSerializer().serialize(record)["M"])
        rig.client("s3").put_object(Bucket=rig.outputs["PhotosBucket"], Key=f"photos/{user_id}/{'0' * 32}.jpg")
        written.append(user_id)

    yield write
    for user_id in written:
        client.delete_item(TableName=table, Key={"user_id": {"S": user_id}})
        rig.client("s3").delete_object(Bucket=rig.outputs["PhotosBucket"], Key=f"photos/{user_id}/{'0' * 32}.jpg")


@pytest.fixture
def _with_identity_provider(rig, monkeypatch):
    """Make the stack look like one with an identity provider."""
    queues = {
        "PublishQueue": rig.outputs["IngestQueue"],
        "PublishDeadLetterQueue": rig.outputs["IngestDeadLetterQueue"],
    }
    monkeypatch.setattr(Stack, "_outputs", rig.outputs | queues)


def published(status, error=None):
    """Return what a record says of its publication."""
    return {"status": status, "at": "2026-11-23T22:25:35.713Z", "attempts": 3, "error": error}
