"""The stack is deleted as the guide says: photos, records and policies for callers stay, and can be deleted later."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from local import stack
from local.emulator import Emulator
from tests.awaiting import eventually
from tests.stack.conftest import free_port
from tests.unit.translated import translated

POLICIES = ("UploadPolicy", "ReadPolicy", "AdministerPolicy")


@pytest.fixture
def emulator(tmp_path):
    emulator = Emulator(free_port(), tmp_path / "headshot")
    with emulator.running():
        yield emulator


def physical_ids(emulator):
    resources = stack.client(emulator, "cloudformation").list_stack_resources(StackName=stack.STACK)
    return {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in resources["StackResourceSummaries"]}


def test_deleting_the_stack_keeps_photos_records_and_the_policies_for_callers(emulator):
    stack.deploy(emulator)
    names, iam = physical_ids(emulator), stack.client(emulator, "iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam.create_role(RoleName="people-sync", AssumeRolePolicyDocument=document)
    attached = {names[name] for name in POLICIES}
    for arn in attached:
        iam.attach_role_policy(RoleName="people-sync", PolicyArn=arn)

    command: list[str | Path] = [Path(sys.executable).with_name("sam"), "delete", "--no-prompts"]
    command += ["--stack-name", stack.STACK, "--region", "us-east-1"]
    subprocess.run(command, env=emulator.environment, cwd=emulator.home, check=True, capture_output=True)

    with pytest.raises(ClientError, match="does not exist"):
        stack.outputs(emulator)
    kept = iam.list_attached_role_policies(RoleName="people-sync")["AttachedPolicies"]
    assert {policy["PolicyArn"] for policy in kept} == attached
    s3, dynamodb = stack.client(emulator, "s3"), stack.client(emulator, "dynamodb")
    s3.head_bucket(Bucket=names["PhotosBucket"])
    assert dynamodb.list_tables()["TableNames"] == [names["RecordsTable"]]
    groups = stack.client(emulator, "logs").describe_log_groups()["logGroups"]
    assert not [group for group in groups if group["logGroupName"] in names.values()]

    for arn in attached:
        iam.detach_role_policy(RoleName="people-sync", PolicyArn=arn)
        iam.delete_policy(PolicyArn=arn)
    s3.delete_bucket(Bucket=names["PhotosBucket"])
    with pytest.raises(ClientError, match="protected against deletion"):
        dynamodb.delete_table(TableName=names["RecordsTable"])
    dynamodb.update_table(TableName=names["RecordsTable"], DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=names["RecordsTable"])


def test_a_first_deploy_that_fails_leaves_nothing_behind(emulator):
    """The failure is a DNS record in a zone that does not exist, after all resources that deletion keeps.

    AWS leaves the table behind, because it is protected. The emulator's rollback deletes it nevertheless.
    """
    resources = translated()["Resources"]
    kept = {name: resource for name, resource in resources.items() if "Retain" in resource.get("DeletionPolicy", "")}
    assert kept.keys() == {"PhotosBucket", "RecordsTable", *POLICIES}
    record = {"HostedZoneId": "Z0NONE", "Name": "photos.example.com", "Type": "CNAME", "TTL": "60"}
    target = {"ResourceRecords": ["photos.example.net"]}
    failing = {"Type": "AWS::Route53::RecordSet", "DependsOn": list(kept), "Properties": record | target}
    api = {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "headshot", "ProtocolType": "HTTP"}}
    template = json.dumps({"Resources": {**kept, "Api": api, "Failing": failing}})
    cloudformation = stack.client(emulator, "cloudformation")
    cloudformation.create_stack(StackName=stack.STACK, TemplateBody=template, Capabilities=["CAPABILITY_IAM"])

    def status():
        [found] = cloudformation.describe_stacks(StackName=stack.STACK)["Stacks"]
        return found["StackStatus"] if "COMPLETE" in found["StackStatus"] else None

    assert eventually(status) == "ROLLBACK_COMPLETE"
    events = cloudformation.describe_stack_events(StackName=stack.STACK)["StackEvents"]
    created = {event["LogicalResourceId"] for event in events if event["ResourceStatus"] == "CREATE_COMPLETE"}
    assert created >= kept.keys()
    assert stack.client(emulator, "s3").list_buckets()["Buckets"] == []
    assert stack.client(emulator, "dynamodb").list_tables()["TableNames"] == []
    assert stack.client(emulator, "iam").list_policies(Scope="Local")["Policies"] == []
