"""`headshot destroy` when AWS does what the emulator does not."""

import boto3
import pytest
from botocore.stub import Stubber

from headshot_cli.destroying import Plan, destroy
from headshot_cli.stack import Stack, StackError

ARN = "arn:aws:iam::000000000000:policy/upload"
PLAN = Plan("photos", "records", [ARN], photos={}, versions=0, detach=[])


@pytest.fixture
def services(monkeypatch):
    """AWS as a former run has left it: without the table. Return the stub of each service."""
    clients = {name: boto3.client(name, "us-east-1") for name in ("dynamodb", "s3", "iam", "cloudformation")}
    monkeypatch.setattr(Stack, "client", lambda _self, name: clients[name])
    stubs = {name: Stubber(client) for name, client in clients.items()}
    for stub in stubs.values():
        stub.activate()
    stubs["dynamodb"].add_client_error("describe_table", "ResourceNotFoundException")
    yield stubs
    for stub in stubs.values():
        stub.assert_no_pending_responses()


def test_files_that_arrive_while_the_bucket_is_emptied_stop_it(services):
    services["s3"].add_response("list_object_versions", {})
    services["s3"].add_client_error("delete_bucket", "BucketNotEmpty")
    with pytest.raises(StackError, match="Stop what sends photos, then run the same command again"):
        destroy(Stack("headshot"), PLAN, print)


def test_an_object_that_s3_cannot_delete_stops_it(services):
    version = {"Key": "photos/ada/1.jpg", "VersionId": "1", "IsLatest": True}
    services["s3"].add_response("list_object_versions", {"Versions": [version]})
    services["s3"].add_response("delete_objects", {"Errors": [{"Key": "photos/ada/1.jpg", "Code": "AccessDenied"}]})
    with pytest.raises(StackError, match=r"S3 cannot delete photos/ada/1\.jpg: AccessDenied"):
        destroy(Stack("headshot"), PLAN, print)


def test_former_versions_of_a_policy_are_deleted_and_a_failed_deletion_of_the_stack_says_where_to_look(
    services, capsys
):
    services["s3"].add_client_error("list_object_versions", "NoSuchBucket")
    versions = [{"VersionId": "v2", "IsDefaultVersion": True}, {"VersionId": "v1", "IsDefaultVersion": False}]
    services["iam"].add_response("list_policy_versions", {"Versions": versions})
    services["iam"].add_response("delete_policy_version", {}, {"PolicyArn": ARN, "VersionId": "v1"})
    services["iam"].add_response("delete_policy", {})
    stack = {"StackName": "headshot", "CreationTime": "2026-11-24T00:00:00Z", "StackStatus": "DELETE_FAILED"}
    services["cloudformation"].add_response("delete_stack", {})
    services["cloudformation"].add_response("describe_stacks", {"Stacks": [stack]})
    with pytest.raises(StackError, match="describe-stack-events --stack-name headshot"):
        destroy(Stack("headshot"), PLAN, print)
    assert capsys.readouterr().out.endswith("Deleted the policies.\n")
