"""What organisations demand of every resource of a kind, by parameters or always."""

import pytest

from tests.unit.template import of_type
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
        assert role["Path"] == {"Ref": "RolePath"}, name
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
