"""The resources of the deployed stack, as the services report them."""

import json

import boto3
import pytest
from botocore.exceptions import ClientError

from local import portrait
from local.emulator import REGION
from local.stack import STACK
from tests.stack.conftest import assume_role


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


def test_the_bucket_rejects_plain_http(rig, bucket):
    """The local stack removes the bucket policy because it uses plain HTTP. This test puts it back for a moment."""
    template = rig.client("cloudformation").get_template(StackName=STACK, TemplateStage="Processed")["TemplateBody"]
    [statement] = template["Resources"]["PhotosBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Resource"] == [{"Fn::GetAtt": ["PhotosBucket", "Arn"]}, {"Fn::Sub": "${PhotosBucket.Arn}/*"}]
    statement["Resource"] = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    lister = assume_role(rig, "lister")
    may_list = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": statement["Resource"]}
    rig.client("iam").put_role_policy(RoleName="lister", PolicyName="list", PolicyDocument=policy(may_list))

    keys = lister.access_key, lister.secret_key, lister.token
    plain, tls = (boto3.Session(*keys, REGION).client("s3", endpoint_url=rig.emulator.url) for _ in range(2))
    # What a proxy that terminates TLS adds for the emulator.
    tls.meta.events.register(
        "before-sign.s3", lambda request, **_: request.headers.add_header("X-Forwarded-Proto", "https")
    )
    plain.list_objects_v2(Bucket=bucket)
    rig.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy(statement))
    try:
        with pytest.raises(ClientError, match="AccessDenied"):
            plain.list_objects_v2(Bucket=bucket)
        tls.list_objects_v2(Bucket=bucket)
    finally:
        rig.client("s3").delete_bucket_policy(Bucket=bucket)


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


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
