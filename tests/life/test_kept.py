"""A deleted stack leaves its bucket and its table; a new stack takes them over, and photos keep their records."""

import pytest
import yaml

from local import portrait, stack
from local.stack import PROJECT
from tests.stack.conftest import Rig
from tests.unit.template import RESOURCES
from tests.unit.translated import translated

KEPT = (PROJECT / "stacks/kept.yaml").read_text()


def test_the_template_for_the_import_has_what_the_stack_keeps_under_its_names():
    kept = yaml.safe_load(KEPT)["Resources"]
    retained = {
        name
        for name, resource in RESOURCES.items()
        if resource.get("UpdateReplacePolicy") == "Retain"
        and resource["Type"] in {"AWS::S3::Bucket", "AWS::DynamoDB::Table"}
    }
    assert kept.keys() == retained
    for name, resource in kept.items():
        own = resource.get("Properties", {})
        assert own == {key: RESOURCES[name]["Properties"][key] for key in own}
        assert resource["DeletionPolicy"] == "Retain"
    fixed = {"AttributeDefinitions", "KeySchema", "BillingMode"}  # everything else changes without a replacement
    assert kept["RecordsTable"]["Properties"].keys() == fixed


@pytest.mark.parametrize("name", ["ApiDomain", "ApiMapping", "ApiDnsRecord"])
def test_a_former_host_name_outlives_the_change_to_another(name):
    resource = translated()["Resources"][name]
    assert (resource["UpdateReplacePolicy"], resource["DeletionPolicy"]) == ("Retain", "Delete")


def test_a_new_stack_takes_over_the_bucket_and_the_table_of_a_deleted_one(rig, headshot, uploader, stranger):
    record = uploader.upload("kept", portrait.jpeg("Kept", (128, 128))).json()
    bucket, table = rig.outputs["PhotosBucket"], rig.outputs["RecordsTable"]
    cloudformation = rig.client("cloudformation")
    rig.client("iam").detach_role_policy(RoleName="uploader", PolicyArn=rig.outputs["AdministerPolicyArn"])
    cloudformation.delete_stack(StackName=stack.STACK)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack.STACK, WaiterConfig={"Delay": 1})

    cloudformation.create_change_set(
        StackName=stack.STACK,
        ChangeSetName="import",
        ChangeSetType="IMPORT",
        TemplateBody=KEPT,
        ResourcesToImport=[
            {
                "ResourceType": "AWS::S3::Bucket",
                "LogicalResourceId": "PhotosBucket",
                "ResourceIdentifier": {"BucketName": bucket},
            },
            {
                "ResourceType": "AWS::DynamoDB::Table",
                "LogicalResourceId": "RecordsTable",
                "ResourceIdentifier": {"TableName": table},
            },
        ],
    )
    change_set = {"StackName": stack.STACK, "ChangeSetName": "import"}
    cloudformation.get_waiter("change_set_create_complete").wait(**change_set, WaiterConfig={"Delay": 1})
    cloudformation.execute_change_set(**change_set)
    cloudformation.get_waiter("stack_import_complete").wait(StackName=stack.STACK, WaiterConfig={"Delay": 1})
    stack.deploy(rig.emulator)

    again = Rig(rig.emulator, stack.outputs(rig.emulator), rig.process_group)
    assert (again.outputs["PhotosBucket"], again.outputs["RecordsTable"]) == (bucket, table)
    assert stranger.get(record["url"]).status_code == 200
    assert stranger.get("/photos/kept.jpg").headers["ETag"] == f'"{record["version"]}"'
    again.client("iam").attach_role_policy(RoleName="uploader", PolicyArn=again.outputs["AdministerPolicyArn"])
    assert uploader.record("kept").json() == record
    assert headshot("rebuild")[0] == 0
    assert uploader.upload("kept", portrait.jpeg("Kept again", (128, 128))).status_code == 201
    uploader.erase("kept")
    rig.outputs.update(again.outputs)  # for the tests after this one
    for rule in rig.client("events").list_rules()["Rules"]:
        if "ScheduleExpression" in rule:
            rig.client("events").disable_rule(Name=rule["Name"])
