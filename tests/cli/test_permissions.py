"""The permissions in the guide's table are enough to run each command, and none of them is superfluous."""

import json
import re

import pytest

from local import portrait
from tests.cli.permitted import actions, policies
from tests.stack.policies import adapted

COMMANDS = {
    "put": ["put", "permitted", "{folder}/permitted.jpg"],
    "import": ["import", "{folder}", "--all", "--report", "{folder}/report.csv"],
    "show": ["show", "permitted"],
    "check": ["check", "permitted"],
    "list": ["list"],
    "contact-sheet": ["contact-sheet", "--output", "{folder}/sheet.html"],
    "erase": ["erase", "--yes", "permitted"],
    "export --all": ["export", "--all", "--output", "{folder}/everyone"],
    "export USER": ["export", "permitted", "--output", "{folder}/person"],
    "status": ["status"],
    "retry": ["retry"],
    "rebuild": ["rebuild"],
}

DENIED = r"AccessDenied|AuthorizationError|Attach the policy (\w+)PolicyArn"  # the second is SNS's code


@pytest.fixture
def topic(rig):
    """Add a topic to an alarm of the stack, which is faster than a deployment with one."""
    topic = rig.client("sns").create_topic(Name="permitted")["TopicArn"]
    cloudwatch, name = rig.client("cloudwatch"), rig.physical_id("ApiErrorsAlarm")
    [alarm] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    wanted = cloudwatch.meta.service_model.operation_model("PutMetricAlarm").input_shape.members
    alarm = {key: value for key, value in alarm.items() if key in wanted}
    cloudwatch.put_metric_alarm(**alarm | {"AlarmActions": [topic]})
    yield topic
    cloudwatch.put_metric_alarm(**alarm)
    rig.client("sns").delete_topic(TopicArn=topic)


@pytest.fixture
def run(headshot, uploader, tmp_path, monkeypatch):
    """Run a command for a person who has a photo."""
    (tmp_path / "permitted.jpg").write_bytes(portrait.jpeg("Permitted", (128, 128)))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    def ran(name):
        uploader.upload("permitted", portrait.jpeg("Former", (128, 128)))
        return headshot(*(argument.format(folder=tmp_path) for argument in COMMANDS[name]))

    yield ran
    uploader.erase("permitted")


@pytest.fixture
def dead_letter(rig):
    """Return a function that fails a file in the drop box."""
    sqs, queue = rig.client("sqs"), rig.outputs["IngestDeadLetterQueue"]
    # A file that stays in the drop box: without it, the sweep would delete the dead letter.
    file = {"Bucket": rig.outputs["PhotosBucket"], "Key": "dropbox/none.jpg"}
    rig.client("s3").put_object(**file, Body=b"-", StorageClass="GLACIER")
    body = '{"detail": {"object": {"key": "dropbox/none.jpg"}}}'
    yield lambda: sqs.send_message(QueueUrl=queue, MessageBody=body)
    rig.client("s3").delete_object(**file)
    sqs.purge_queue(QueueUrl=queue)


@pytest.mark.usefixtures("topic")
@pytest.mark.parametrize("name", COMMANDS)
def test_the_guides_table_lists_what_a_command_needs(name, run, script, dead_letter):
    allowed, attached = actions(name), policies(name)

    def tried(actions, policies):
        script.allow(actions, policies)
        dead_letter()
        return run(name)

    assert not re.search(DENIED, tried(allowed, attached)[2])
    for missing in allowed:
        code, _, error = tried([action for action in allowed if action != missing], attached)
        assert (code, bool(re.search(DENIED, error)), len(error.splitlines())) == (1, True, 1), (missing, error)
    for missing in attached:
        code, _, error = tried(allowed, [policy for policy in attached if policy != missing])
        assert (code, re.findall(DENIED, error)) == (1, [missing.capitalize()])


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        ("One person", ["put", "show", "check", "erase"]),
        ("Read only", ["list", "show", "check", "contact-sheet"]),
        ("An import", ["import"]),
    ],
)
def test_a_documented_policy_is_all_that_its_commands_need(rig, run, script, heading, names):
    script.give(adapted(rig, heading).replace("/users/ada/", "/users/permitted/"))
    for name in names:
        code, _, error = run(name)
        assert (code, re.findall(DENIED, error)) == (0, []), (name, error)


# The check of `verify` that is left to be done by hand without each action. Some cannot be tested here: MiniStack lets
# everyone read the account's settings, its S3 has no TLS, and this stack has no identity provider.
CHECKS = {
    "cloudformation:ListStackResources": "concurrency",
    "s3:GetBucketNotification": "event-bridge",
    "s3:GetLifecycleConfiguration": "lifecycle",
    "s3:PutObject": "drop-box",
    "dynamodb:DescribeContinuousBackups": "recovery",
    "lambda:ListEventSourceMappings": "concurrency",
}
UNSEEN = {
    "lambda:GetAccountSettings",
    "s3:GetObject",
}


def test_without_a_permission_a_check_of_verify_is_left_to_be_done_by_hand(script, headshot):
    allowed, attached = actions("verify"), policies("verify")
    assert set(allowed) == {"cloudformation:DescribeStacks", *CHECKS, *UNSEEN}

    def by_hand(*missing, policies=attached):
        script.allow([action for action in allowed if action not in missing], policies)
        rows = json.loads(headshot("verify", *dict.fromkeys(CHECKS.values()), "--json")[1])
        return {row["check"]: row["detail"] for row in rows if row["result"] == "by hand"}

    assert by_hand() == {}
    for missing, check in CHECKS.items():
        assert {name: "AccessDenied" in detail for name, detail in by_hand(missing).items()} == {check: True}
    assert list(by_hand(policies=["upload", "read"])) == ["drop-box"]
    script.allow([], attached)
    assert "cloudformation:DescribeStacks" in headshot("verify", "recovery")[2]
