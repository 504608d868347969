"""`headshot destroy` deletes a stack and what the stack keeps, after a confirmation, and leaves the rest alone."""

import pytest
from botocore.exceptions import ClientError

from local import portrait, stack
from tests.cli.conftest import _loopback, headshot, rig, uploader
from tests.cli.permitted import Script
from tests.stack import deploying

__all__ = ["_loopback", "headshot", "rig", "uploader"]

ALL_BUT_POLICIES = [("Allow", "*"), ("Deny", "iam:DeletePolicy")]


@pytest.fixture(scope="module")
def photo(rig, uploader):
    """A person with a photo of two versions, one who was erased, and a caller who still has a policy."""
    for name in ("Former", "Ada"):
        uploader.upload("ada", portrait.jpeg(name, (128, 128)))
    uploader.upload("mary", portrait.jpeg("Mary", (128, 128)))
    uploader.erase("mary")
    rig.client("s3").put_object(Bucket=rig.outputs["PhotosBucket"], Key="rejected/note.txt", Body=b"-")
    return uploader.record("ada").json()


@pytest.fixture
def detached(rig, photo):  # noqa: ARG001  the photo first: it is uploaded with the policy
    change = {"RoleName": "uploader", "PolicyArn": rig.outputs["AdministerPolicyArn"]}
    rig.client("iam").detach_role_policy(**change)
    yield
    if stack_exists(rig):
        rig.client("iam").attach_role_policy(**change)


def stack_exists(rig):
    try:
        return bool(stack.outputs(rig.emulator))
    except ClientError:
        return False


@pytest.mark.usefixtures("photo")
def test_it_names_those_who_hold_a_policy_and_deletes_nothing(rig, headshot):
    before, arn = rig.objects(""), rig.outputs["AdministerPolicyArn"]
    code, printed, error = headshot("destroy", "--without-export", "--confirm", stack.STACK)
    assert (code, error.partition(". ")[0]) == (1, "Somebody still holds the policies")
    assert f"people       1\nS3 versions  {len(before)}\nbucket       {rig.outputs['PhotosBucket']}\n" in printed
    assert printed.endswith(f"aws iam detach-role-policy --role-name uploader --policy-arn {arn}\n")
    assert rig.objects("") == before


@pytest.mark.usefixtures("detached")
def test_it_deletes_no_photo_that_was_not_exported(rig, headshot, tmp_path):
    before = rig.objects("")
    code, _, error = headshot("destroy", "--export", str(tmp_path), "--confirm", stack.STACK)
    assert (code, error.partition(". ")[0]) == (1, f"Photos that are not in {tmp_path}: 1")
    assert rig.objects("") == before


@pytest.mark.usefixtures("detached")
@pytest.mark.parametrize(("options", "typed"), [((), "headshop\n"), ((), ""), (("--confirm", "headshop"), "")])
def test_it_deletes_nothing_unless_the_stacks_name_is_typed(rig, headshot, options, typed):
    before = rig.objects("")
    assert headshot("destroy", "--without-export", *options, typed=typed)[0] == 1
    assert rig.objects("") == before


@pytest.mark.usefixtures("detached")
def test_it_deletes_nothing_of_a_stack_with_termination_protection(rig, headshot):
    cloudformation, before = rig.client("cloudformation"), rig.objects("")
    cloudformation.update_termination_protection(StackName=stack.STACK, EnableTerminationProtection=True)
    code, _, error = headshot("destroy", "--without-export", "--confirm", stack.STACK)
    cloudformation.update_termination_protection(StackName=stack.STACK, EnableTerminationProtection=False)
    assert (code, "is protected" in error) == (1, True)
    assert rig.objects("") == before


def test_after_an_export_it_deletes_all_of_the_stack_and_nothing_else_and_resumes_where_it_failed(
    rig, headshot, photo, tmp_path, monkeypatch
):
    s3, iam, dynamodb = rig.client("s3"), rig.client("iam"), rig.client("dynamodb")
    s3.create_bucket(Bucket="neighbour")
    s3.put_object(Bucket="neighbour", Key="photos/ada/mine.jpg", Body=b"-")
    assert headshot("export", "--all", "--output", str(tmp_path))[0] == 0
    iam.detach_role_policy(RoleName="uploader", PolicyArn=rig.outputs["AdministerPolicyArn"])
    script = Script(rig, "leaver")
    statements = [{"Effect": effect, "Action": action, "Resource": "*"} for effect, action in ALL_BUT_POLICIES]
    script.give({"Version": "2012-10-17", "Statement": statements})

    with monkeypatch.context() as patch:
        script.sign_in(patch)
        code, printed, error = headshot("destroy", "--export", str(tmp_path), typed="headshot\n")
    assert (code, "AccessDenied" in error) == (1, True)
    assert printed.endswith(f"Deleted the bucket {rig.outputs['PhotosBucket']}.\n")
    assert stack_exists(rig)

    code, printed, error = headshot("destroy", typed="headshot\n")
    assert (code, error.strip()) == (0, "Type the stack's name to delete everything:")
    assert "people       0\nS3 versions  0\n" in printed
    assert not stack_exists(rig)
    assert {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]} == {"neighbour", deploying.BUCKET}
    assert dynamodb.list_tables()["TableNames"] == []
    assert iam.list_policies(Scope="Local")["Policies"] == []
    assert (tmp_path / "ada.jpg").exists()
    assert photo["version"] in (tmp_path / "photos.csv").read_text("utf-8-sig")
    assert headshot("destroy", "--without-export", "--confirm", stack.STACK)[0] == 1
