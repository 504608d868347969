"""A stack with every guard rail works, and its resources have what the guard rails demand.

MiniStack's CloudFormation stores no key for the bucket, the tables and the functions' environment variables, so
tests/unit/test_guard_rails.py has those.
"""

import json
import re

import pytest

from local import portrait, stack
from local.emulator import ACCOUNT_ID, REGION, Emulator
from local.fake_okta import serving
from local.stack import PROJECT
from tests.awaiting import eventually
from tests.fakes.systems import PROVIDERS
from tests.stack.conftest import Caller, Rig, Signature, assume_role, free_port
from tests.stack.deploying import deploy

BOUNDARY = f"arn:aws:iam::{ACCOUNT_ID}:policy/boundary"
GUARD_RAILS = {
    "PermissionsBoundaryArn": BOUNDARY,
    "RolePath": "/apps/headshot/",
    "KmsKeyArn": "",  # `guarded` creates the key
}

# What docs/parameters.md says that the boundary must allow.
SERVICES = ("s3", "dynamodb", "sqs", "logs", "lambda", "secretsmanager", "kms")


@pytest.fixture(scope="module")
def okta():
    return PROVIDERS["okta"]()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory, okta):
    """A stack with all functions and all guard rails."""
    emulator = Emulator(free_port(), tmp_path_factory.mktemp("guarded"))
    with emulator.running() as process, serving(okta.app) as url:
        key = create_key(emulator)
        secret = {"Name": "headshot/okta", "SecretString": json.dumps(okta.secret), "KmsKeyId": key}
        stack.client(emulator, "secretsmanager").create_secret(**secret)
        allowed = {"Effect": "Allow", "Action": [f"{service}:*" for service in SERVICES], "Resource": "*"}
        stack.client(emulator, "iam").create_policy(PolicyName="boundary", PolicyDocument=document(allowed))
        functions = {
            "IdentityProvider": "Okta",
            "IdentityProviderUrl": url,
            "IdentityProviderSecret": "headshot/okta",
            "Canary": "Enabled",
        }
        deploy(emulator, GUARD_RAILS | {"KmsKeyArn": key} | functions)
        guarded = Rig(emulator, stack.outputs(emulator), process.pid)
        for role in roles(guarded):  # MiniStack's CloudFormation leaves out the boundary
            guarded.client("iam").put_role_permissions_boundary(RoleName=role["RoleName"], PermissionsBoundary=BOUNDARY)
        yield guarded


@pytest.fixture(scope="module")
def caller(guarded):
    credentials = assume_role(guarded, "caller")
    guarded.client("iam").attach_role_policy(RoleName="caller", PolicyArn=guarded.outputs["AdministerPolicyArn"])
    return Caller(guarded.url, Signature(credentials))


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def create_key(emulator):
    """Create a key with the policy that docs/parameters.md shows, and return its ARN."""
    page = (PROJECT / "docs/parameters.md").read_text()
    policy, *_ = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    statements = json.loads(policy.replace("123456789012", ACCOUNT_ID).replace("eu-central-1", REGION))
    return stack.client(emulator, "kms").create_key(Policy=document(*statements))["KeyMetadata"]["Arn"]


def resources(rig, kind):
    """Return the physical ids of all resources of a type."""
    pages = rig.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack.STACK)
    found = [item for page in pages for item in page["StackResourceSummaries"] if item["ResourceType"] == kind]
    return [item["PhysicalResourceId"] for item in found]


def roles(rig):
    return [rig.client("iam").get_role(RoleName=name)["Role"] for name in resources(rig, "AWS::IAM::Role")]


def key_of(rig):
    [current] = rig.client("cloudformation").describe_stacks(StackName=stack.STACK)["Stacks"]
    values = {item["ParameterKey"]: item["ParameterValue"] for item in current["Parameters"]}
    return values["KmsKeyArn"]


def test_a_photo_is_set_served_and_published(guarded, caller, okta):
    ada = okta.fake.add("ada", "ada@example.com")
    record = caller.upload("ada", portrait.jpeg("Ada", (300, 400))).json()
    photo = Caller(guarded.url).get(record["url"])
    assert (photo.status_code, photo.headers["Content-Type"]) == (200, "image/jpeg")
    eventually(lambda: okta.fake.photo_url(ada) == record["url"])


def test_a_file_in_the_drop_box_becomes_a_photo(guarded, caller):
    file = {"Key": "dropbox/grace.jpg", "Body": portrait.jpeg("Grace", (300, 400))}
    guarded.client("s3").put_object(Bucket=guarded.outputs["PhotosBucket"], **file)
    eventually(lambda: caller.record("grace").status_code == 200)


def test_every_role_has_the_path_and_keeps_within_the_boundary(guarded):
    found = roles(guarded)
    assert len(found) == 8
    for role in found:
        assert role["Path"] == GUARD_RAILS["RolePath"]
        assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == BOUNDARY


def test_the_key_encrypts_the_queues_and_the_logs(guarded):
    key, sqs = key_of(guarded), guarded.client("sqs")
    for queue in resources(guarded, "AWS::SQS::Queue"):
        attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
        assert attributes["KmsMasterKeyId"] == key
        assert attributes.get("SqsManagedSseEnabled") != "true"
    groups = guarded.client("logs").describe_log_groups()["logGroups"]
    keys = {group["logGroupName"]: group.get("kmsKeyId") for group in groups}
    assert [keys[name] for name in resources(guarded, "AWS::Logs::LogGroup")] == [key] * 9


def test_the_table_of_records_is_protected(guarded):
    table = guarded.client("dynamodb").describe_table(TableName=guarded.outputs["RecordsTable"])["Table"]
    assert table["DeletionProtectionEnabled"] is True
