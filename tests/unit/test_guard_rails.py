"""What organisations demand of every resource of a kind, by parameters or always."""

import json
import re

import pytest

from tests.unit.template import RESOURCES, of_type
from tests.unit.translated import translated


def deployed(kind):
    """Return all resources of a type in the translated template, those that SAM makes included."""
    return {name: item["Properties"] for name, item in translated()["Resources"].items() if item["Type"] == kind}


def if_set(condition, parameter):
    """Return what a property holds that is set by a parameter only."""
    return {"Fn::If": [condition, {"Ref": parameter}, {"Ref": "AWS::NoValue"}]}


def test_every_role_has_the_path_and_the_boundary_of_the_organisation():
    roles = deployed("AWS::IAM::Role")
    assert roles
    for name, role in roles.items():
        assert role["Path"] == if_set("HasRolePath", "RolePath"), name
        assert role["PermissionsBoundary"] == if_set("HasPermissionsBoundary", "PermissionsBoundaryArn"), name


@pytest.mark.parametrize("queue", of_type("AWS::SQS::Queue"))
def test_the_one_policy_of_every_queue_denies_plain_http_to_everyone(queue):
    found = [item for item in deployed("AWS::SQS::QueuePolicy").values() if {"Ref": queue} in item["Queues"]]
    [policy] = found  # the last of several would replace the others
    assert {
        "Sid": "DenyPlainHttp",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": {"Fn::GetAtt": [queue, "Arn"]},
        "Condition": {"Bool": {"aws:SecureTransport": False}},
    } in policy["PolicyDocument"]["Statement"]


KEY = if_set("HasKmsKey", "KmsKeyArn")


def test_one_key_encrypts_all_that_is_stored():
    [bucket] = deployed("AWS::S3::Bucket").values()
    with_key = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": {"Ref": "KmsKeyArn"}}
    chosen = {"Fn::If": ["HasKmsKey", with_key, {"SSEAlgorithm": "AES256"}]}
    [rule] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule == {"ServerSideEncryptionByDefault": chosen, "BucketKeyEnabled": True}
    for name, queue in deployed("AWS::SQS::Queue").items():
        assert queue["KmsMasterKeyId"] == KEY, name
        # SQS allows one of the two ("SetQueueAttributes", SQS API reference).
        assert queue["SqsManagedSseEnabled"] == {"Fn::If": ["HasKmsKey", {"Ref": "AWS::NoValue"}, True]}, name
    for kind, key in (("AWS::Logs::LogGroup", "KmsKeyId"), ("AWS::Lambda::Function", "KmsKeyArn")):
        assert {name for name, item in deployed(kind).items() if item.get(key) != KEY} == set()


def test_tables_use_the_key_or_else_one_that_does_not_charge_per_request():
    """SSEEnabled without a key uses the account's KMS key for DynamoDB, which does."""
    with_key = {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": {"Ref": "KmsKeyArn"}}
    for name, table in deployed("AWS::DynamoDB::Table").items():
        assert table["SSESpecification"] == {"Fn::If": ["HasKmsKey", with_key, {"Ref": "AWS::NoValue"}]}, name


def roles_of(policy):
    return set(re.findall(r'"Ref": "(\w+Role)"', json.dumps(RESOURCES[policy]["Properties"]["Roles"])))


def test_a_role_may_encrypt_only_if_it_stores_objects_or_sends_messages():
    """Reading, and writing to a table, need kms:Decrypt only ("DynamoDB encryption at rest usage notes")."""
    writing = {
        name for name, role in of_type("AWS::IAM::Role").items() if re.search("PutObject|Send", json.dumps(role))
    }
    assert roles_of("EncryptPolicy") == writing
    assert roles_of("DecryptPolicy") == set(of_type("AWS::IAM::Role"))
    for policy, action in (("EncryptPolicy", "kms:GenerateDataKey"), ("DecryptPolicy", "kms:Decrypt")):
        [statement] = RESOURCES[policy]["Properties"]["PolicyDocument"]["Statement"]
        assert (statement["Action"], statement["Resource"]) == (action, {"Ref": "KmsKeyArn"})
        assert RESOURCES[policy]["Condition"] == "HasKmsKey"
