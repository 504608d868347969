"""The stack is deleted as the guide says: photos, records and the caller policy stay, and can be deleted later."""

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


@pytest.fixture
def emulator(tmp_path):
    emulator = Emulator(free_port(), tmp_path / "headshot")
    with emulator.running():
        yield emulator


def physical_ids(emulator):
    resources = stack.client(emulator, "cloudformation").list_stack_resources(StackName=stack.STACK)
    return {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in resources["StackResourceSummaries"]}


def test_deleting_the_stack_keeps_photos_records_and_the_caller_policy(emulator):
    stack.deploy(emulator)
    names, iam = physical_ids(emulator), stack.client(emulator, "iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam.create_role(RoleName="people-sync", AssumeRolePolicyDocument=document)
    attached = {"RoleName": "people-sync", "PolicyArn": names["CallerPolicy"]}
    iam.attach_role_policy(**attached)

    command: list[str | Path] = [Path(sys.executable).with_name("sam"), "delete", "--no-prompts"]
    command += ["--stack-name", stack.STACK, "--region", "us-east-1"]
    subprocess.run(command, env=emulator.environment, cwd=emulator.home, check=True, capture_output=True)

    with pytest.raises(ClientError, match="does not exist"):
        stack.outputs(emulator)
    [kept] = iam.list_attached_role_policies(RoleName="people-sync")["AttachedPolicies"]
    assert kept["PolicyArn"] == names["CallerPolicy"]
    s3, dynamodb = stack.client(emulator, "s3"), stack.client(emulator, "dynamodb")
    s3.head_bucket(Bucket=names["PhotosBucket"])
    assert dynamodb.list_tables()["TableNames"] == [names["RecordsTable"]]
    groups = stack.client(emulator, "logs").describe_log_groups()["logGroups"]
    assert not [group for group in groups if group["logGroupName"] in names.values()]

    iam.detach_role_policy(**attached)
    iam.delete_policy(PolicyArn=names["CallerPolicy"])
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
    assert kept.keys() == {"PhotosBucket", "RecordsTable", "CallerPolicy"}
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
