"""After an erasure, only what the guide lists remains of a person, wherever one looks."""

import json

import pytest

from local import portrait
from tests.awaiting import eventually
from tests.stack.test_forms import form_of

USER = "leaves-nothing"

# Pictures of this test alone.
ADA, GRACE = (portrait.jpeg(name, (240, 300)) for name in ("Ada Leaves", "Grace Leaves"))


def objects(rig):
    """Yield the key and the bytes of every S3 version, and the keys of delete markers."""
    s3, bucket = rig.client("s3"), rig.outputs["PhotosBucket"]
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for item in page.get("Versions", []):
            found = s3.get_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])
            yield item["Key"].encode() + b"\n" + found["Body"].read()
        for item in page.get("DeleteMarkers", []):
            yield item["Key"].encode()


def items(rig, logical_id):
    """Yield the items of a table."""
    for page in rig.client("dynamodb").get_paginator("scan").paginate(TableName=rig.physical_id(logical_id)):
        yield from page["Items"]


def messages(rig):
    """Yield the visible messages of every queue."""
    sqs = rig.client("sqs")
    for url in sqs.list_queues()["QueueUrls"]:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        yield from (message["Body"] for message in found.get("Messages", []))


def lines(rig):
    """Yield what every function logged."""
    logs = rig.client("logs")
    for group in logs.describe_log_groups()["logGroups"]:
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"]):
            yield from (event["message"] for event in page["events"])


@pytest.fixture
def erased(rig, uploader, drop, ingested):
    """Erase a person who has left traces everywhere. Return the bytes and URLs that were theirs."""
    urls = [uploader.upload(USER, image).json()["url"] for image in (ADA, GRACE)]
    photos = [uploader.get(url).content for url in urls]
    drop(f"{USER}.jpg", ADA)
    assert ingested(USER, f"{USER}.jpg")["status"] == "accepted"
    drop(f"{USER}.png", b"no picture of " + USER.encode())
    eventually(lambda: rig.objects(f"rejected/{USER}"))
    form_of(uploader, USER)
    assert uploader.erase(USER).json()["record"]
    return [ADA, GRACE, *photos, *(url.encode() for url in urls)]


def test_an_erasure_leaves_only_who_did_it_and_log_lines(rig, uploader, erased):
    name = USER.encode()
    assert [stored for stored in objects(rig) if name in stored or any(trace in stored for trace in erased)] == []
    assert [item for item in items(rig, "UploadsTable") if USER in json.dumps(item)] == []
    [left] = [item for item in items(rig, "RecordsTable") if USER in json.dumps(item)]
    assert left.keys() == {"user_id", "schema", "erased", "history", "expires_at"}
    [change] = left["history"]["L"]
    assert {name: value.get("S") for name, value in change["M"].items()} == {
        "at": left["erased"]["S"],
        "action": "erased",
        "way": "api",
        "principal": uploader.get(f"/users/{USER}/photo/history").json()["history"][0]["principal"],
        "version": None,
        "correlation_id": change["M"]["correlation_id"]["S"],
    }
    assert [body for body in messages(rig) if USER in body] == []

    traces = [line for line in lines(rig) if USER in line]
    assert [json.loads(line)["message"] for line in traces if '"user erased"' in line] == ["user erased"]
    for line in traces:
        assert not any(trace in line.encode() for trace in erased)


def test_the_erasure_is_in_the_history_also_of_the_next_photo(uploader):
    uploader.upload("audited", ADA)
    assert [change["action"] for change in history(uploader, "audited")] == ["set"]
    uploader.erase("audited")
    [erasure] = history(uploader, "audited")
    assert (erasure["action"], erasure["way"], erasure["version"]) == ("erased", "api", None)
    assert erasure["principal"].endswith(":assumed-role/uploader/test")
    uploader.upload("audited", ADA)
    assert [change["action"] for change in history(uploader, "audited")] == ["set", "erased"]
    uploader.erase("audited")
    assert uploader.get("/users/never-known/photo/history").status_code == 404


def history(uploader, user_id):
    return uploader.get(f"/users/{user_id}/photo/history").json()["history"]
