"""Reconciling publishes existing photos, repairs differences, and reports failures."""

import json

from local import portrait, stack
from tests.awaiting import eventually
from tests.cli.permitted import Script, actions, policies
from tests.publish.deploying import update_stack
from tests.publish.watching import erasure, headshot, status

ADA, GRACE = (portrait.jpeg(name, (300, 400)) for name in ("Ada Lovelace", "Grace Hopper"))


def test_differences_are_repaired(publishing, system, uploader, okta_user):
    users = {name: okta_user(name) for name in ("before1", "before2", "before3")}
    urls = {name: uploader.upload(name, ADA).json()["url"] for name in users}
    eventually(lambda: all(system.fake.photo_url(user) == urls[name] for name, user in users.items()))
    system.fake.users[users["before1"]]["profile"].pop("primaryPhotoValue")
    system.fake.users[users["before2"]]["profile"]["primaryPhotoValue"] = "https://elsewhere.example.com/"
    printed = headshot(publishing, "reconcile")
    assert "2 repaired" in printed
    assert all(system.fake.photo_url(user) == urls[name] for name, user in users.items())
    answer = json.loads(headshot(publishing, "reconcile", "--json"))
    assert (answer["summary"]["repaired"], answer["start_after"], answer["failures"]) == (0, None, [])


def test_failures_are_listed_with_their_reasons(publishing, uploader, okta_user):
    okta_user("ada-shared")
    uploader.upload("ada-shared", ADA)
    eventually(lambda: status(uploader, "ada-shared") == "published")
    uploader.upload("ada-shared@example.com", GRACE)
    eventually(lambda: status(uploader, "ada-shared@example.com") == "published")
    printed = headshot(publishing, "reconcile", expected=1)
    reason = "ada-shared and ada-shared@example.com are the same user at the identity provider"
    assert f"ada-shared: {reason}" in printed
    assert "1 failed" in printed
    answer = json.loads(headshot(publishing, "reconcile", "--json", expected=1))
    assert [failure["user_id"] for failure in answer["failures"]] == ["ada-shared"]
    uploader.erase("ada-shared@example.com")
    eventually(lambda: erasure(uploader, "ada-shared@example.com") is None)
    assert "1 repaired" in headshot(publishing, "reconcile")


def test_the_permissions_in_the_guide_suffice_for_a_script(publishing):
    script = Script(publishing, "script")
    script.allow(actions("reconcile"), policies("reconcile"))
    assert "failed" in headshot(publishing, "reconcile", **script.environment)


def test_the_function_starts_itself_again_until_it_is_done(publishing, system, uploader, okta_user):
    """There are more users than fit into a page, and no time for a second one."""
    users = [okta_user(f"crowd{number}") for number in range(30)]
    for number in range(30):
        uploader.upload(f"crowd{number}", ADA)
    eventually(lambda: all(system.fake.photo_url(user) for user in users))
    for user in users:
        del system.fake.users[user]["profile"]["primaryPhotoValue"]
    event = json.dumps({"continue": True, "seconds": 0})
    publishing.client("lambda").invoke(FunctionName=publishing.outputs["ReconcileFunction"], Payload=event)
    assert not all(system.fake.photo_url(user) for user in users)
    eventually(lambda: all(system.fake.photo_url(user) for user in users))


def test_a_schedule_can_be_set_and_removed(rig, publishing):
    rules = rig.client("events")

    def scheduled():
        resources = rig.client("cloudformation").describe_stack_resources(StackName=stack.STACK)["StackResources"]
        names = [item["PhysicalResourceId"] for item in resources if item["LogicalResourceId"] == "ReconcileRule"]
        return [rule for rule in rules.list_rules()["Rules"] if rule["Name"] in names]

    update_stack(rig, ReconcileSchedule="rate(1 day)")
    [rule] = scheduled()
    assert (rule["ScheduleExpression"], rule["State"]) == ("rate(1 day)", "ENABLED")
    [target] = rules.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    assert target["Arn"].endswith(publishing.outputs["ReconcileFunction"])
    update_stack(rig, ReconcileSchedule="")
    assert scheduled() == []
