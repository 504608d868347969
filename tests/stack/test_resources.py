"""The resources of the deployed stack, as the services report them."""

import json

import pytest

from local import portrait


@pytest.fixture
def bucket(rig):
    return rig.outputs["PhotosBucket"]


def test_the_bucket_is_private_encrypted_and_versioned(rig, bucket):
    s3 = rig.client("s3")
    access = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert set(access.values()) == {True}
    assert len(access) == 4
    [rule] = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"


def test_the_table_is_on_demand_and_streamed(rig):
    dynamodb, name = rig.client("dynamodb"), rig.outputs["RecordsTable"]
    table = dynamodb.describe_table(TableName=name)["Table"]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}


@pytest.mark.parametrize("logical_id", ["AccessLogs", "ServeLogs", "UploadLogs"])
def test_logs_expire(rig, logical_id):
    name = rig.physical_id(logical_id)
    [group] = rig.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert group["retentionInDays"] == 30


def test_the_outputs_can_be_pasted(rig):
    assert rig.outputs["BaseUrl"] == rig.outputs["ApiEndpoint"] == rig.url
    assert rig.outputs["ScimAttributeName"] == "urn:ietf:params:scim:schemas:core:2.0:User:photos"
    [value] = json.loads(rig.outputs["ScimAttributeExample"])
    assert value["value"].startswith("https://photos.example.com/photos/")
    assert (value["type"], value["primary"]) == ("photo", True)


def test_a_change_is_logged_as_json_with_its_caller(rig, uploader):
    record = uploader.upload("logged", portrait.jpeg("Ada", (300, 400))).json()
    logs, group = rig.client("logs"), rig.physical_id("UploadLogs")
    messages = [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]]
    lines = [json.loads(line) for message in messages for line in message.splitlines() if line.startswith("{")]
    [line] = [line for line in lines if line.get("version") == record["version"] and line["user_id"] == "logged"]
    assert line["message"] == "photo set"
    assert line["principal"] == record["principal"]
    assert line["service"] == "upload"
