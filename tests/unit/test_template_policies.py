"""The template's policies follow least privilege."""

import re

import pytest

from tests.unit.template import FUNCTIONS, RESOURCES, of_type
from tests.unit.translated import translated


def listed(value):
    return value if isinstance(value, list) else [value]


def statements():
    """Yield every policy statement of the template, with the name of its resource."""
    for name, resource in RESOURCES.items():
        properties = resource["Properties"]
        inline = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
        for document in [*inline, properties.get("PolicyDocument", {"Statement": []})]:
            for statement in document["Statement"]:
                yield name, statement.get("Fn::If", [None, statement])[1]  # one that exists only under a condition


FOR_CALLERS = of_type("AWS::IAM::ManagedPolicy")
ALLOWED = [(name, statement) for name, statement in statements() if statement["Effect"] == "Allow"]


def test_policies_are_found_at_all():
    roles = {name.replace("Function", "Role") for name in FUNCTIONS}
    queues = ("IngestQueuePolicy", "IngestDeadLetterQueuePolicy", "FailedRunsQueuePolicy")
    others = ("SweepConsumersPolicy", "ReconcileContinuePolicy", "DecryptPolicy", "EncryptPolicy", "InvalidatePolicy")
    assert {name for name, _ in ALLOWED} == {*roles, *queues, *others, *FOR_CALLERS, "PhotosBucketPolicy"}


@pytest.mark.parametrize(("name", "statement"), ALLOWED)
def test_nothing_is_allowed_by_a_wildcard_action_or_on_every_resource(name, statement):
    assert "NotAction" not in statement
    assert "NotResource" not in statement
    for action in listed(statement["Action"]):
        assert re.fullmatch(r"[a-z0-9-]+:[A-Za-z]+", action), f"{name} allows {action}"
    for resource in listed(statement["Resource"]):
        assert resource != "*", f"{name} allows {statement['Action']} on everything"


def test_every_function_has_its_own_role_and_no_sam_policy_template_or_connector():
    for name, function in FUNCTIONS.items():
        assert function["Properties"]["Role"] == {"Fn::GetAtt": [name.replace("Function", "Role"), "Arn"]}
        assert "Policies" not in function["Properties"]
        assert "Connectors" not in function
    assert not of_type("AWS::Serverless::Connector")


def test_no_role_uses_a_managed_policy():
    for role in of_type("AWS::IAM::Role").values():
        assert "ManagedPolicyArns" not in role["Properties"]


def test_serve_can_only_read():
    """And list photos: otherwise S3 answers 403 for a missing photo, as for one that serve may not read."""
    actions = {action for name, statement in ALLOWED if name == "ServeRole" for action in listed(statement["Action"])}
    logs = {"logs:CreateLogStream", "logs:PutLogEvents"}
    assert actions == {"s3:GetObject", "s3:ListBucket", "dynamodb:GetItem"} | logs


@pytest.mark.parametrize("role", ["ServeRole", "UploadRole", "IngestRole"])
def test_a_role_that_reads_photos_may_list_them(role):
    [listing] = [item for name, item in ALLOWED if name == role and item["Action"] == "s3:ListBucket"]
    assert listing["Resource"] == {"Fn::GetAtt": ["PhotosBucket", "Arn"]}
    assert "Condition" not in listing  # AWS does not say that s3:prefix is set for reads of objects
    read = [
        resource["Fn::Sub"].removeprefix("${PhotosBucket.Arn}/")
        for name, item in ALLOWED
        if name == role and "s3:GetObject" in listed(item["Action"])
        for resource in listed(item["Resource"])
    ]
    assert read == ["photos/*", "superseded/*"]


def test_deleting_the_stack_keeps_the_policies_for_callers():
    """IAM cannot delete an attached policy (DeleteConflict); the emulator deletes it anyway."""
    policies = [item for item in translated()["Resources"].values() if item["Type"] == "AWS::IAM::ManagedPolicy"]
    assert len(policies) == len(FOR_CALLERS) == 3
    for policy in policies:
        # Nobody can have attached it while the stack was created, so a failed first deploy deletes it.
        assert policy["DeletionPolicy"] == "RetainExceptOnCreate"
        assert policy["UpdateReplacePolicy"] == "Retain"


def test_no_update_replaces_a_policy_for_callers():
    """A changed description, name or path replaces the policy ("AWS::IAM::ManagedPolicy", CloudFormation)."""
    for policy in FOR_CALLERS.values():
        assert policy["Properties"].keys() == {"PolicyDocument"}
