"""The permissions in the guide's table are enough to run each command, and none of them is superfluous."""

import json
import re

import pytest

from local import portrait
from local.stack import PROJECT
from tests.stack.conftest import assume_role

GUIDE = (PROJECT / "docs/guide.md").read_text()

COMMANDS = {
    "put": ["put", "permitted", "{folder}/permitted.jpg"],
    "import": ["import", "{folder}", "--report", "{folder}/report.csv"],
    "list": ["list"],
    "contact-sheet": ["contact-sheet", "--output", "{folder}/sheet.html"],
    "status": ["status"],
    "retry": ["retry"],
}

DENIED = "AccessDenied|AuthorizationError"  # the latter is SNS's code


def actions(command):
    """Return the actions that the guide's table lists for a command."""
    [row] = [line for line in GUIDE.splitlines() if re.match(rf"\|[^|]*`{command}`[^|]*\|.*`cloudformation:", line)]
    return re.findall(r"`([a-z0-9]+:[A-Za-z]+)`", row)


def allow(rig, actions):
    """Allow the role of the scripts these actions only, besides calling the API."""
    statement = {"Effect": "Allow", "Action": actions or ["none:None"], "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    rig.client("iam").put_role_policy(RoleName="script", PolicyName="command", PolicyDocument=document)


@pytest.fixture(scope="session")
def script(rig):
    """Create a role that may call the API, and return the environment with its credentials."""
    credentials = assume_role(rig, "script")
    rig.client("iam").attach_role_policy(RoleName="script", PolicyArn=rig.outputs["CallerPolicyArn"])
    return {
        "AWS_ACCESS_KEY_ID": credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
        "AWS_SESSION_TOKEN": credentials.token,
    }


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
def run(headshot, script, rig, tmp_path, monkeypatch):
    (tmp_path / "permitted.jpg").write_bytes(portrait.jpeg("Permitted", (128, 128)))
    for name, value in {"XDG_CONFIG_HOME": str(tmp_path), **script}.items():
        monkeypatch.setenv(name, value)

    sqs, letters = rig.client("sqs"), rig.outputs["IngestDeadLetterQueue"]
    # A file that stays in the drop box: without it, the sweep would delete the dead letter.
    file = {"Bucket": rig.outputs["PhotosBucket"], "Key": "dropbox/none.jpg"}
    rig.client("s3").put_object(**file, Body=b"-", StorageClass="GLACIER")

    def tried(name, actions):
        allow(rig, actions)
        sqs.send_message(QueueUrl=letters, MessageBody='{"detail": {"object": {"key": "dropbox/none.jpg"}}}')
        return headshot(*(argument.format(folder=tmp_path) for argument in COMMANDS[name]))

    yield tried
    rig.client("s3").delete_object(**file)
    sqs.purge_queue(QueueUrl=letters)


@pytest.mark.usefixtures("topic")
@pytest.mark.parametrize("name", COMMANDS)
def test_the_guides_table_lists_what_a_command_needs(name, run):
    allowed = actions(name)
    assert not re.search(DENIED, run(name, allowed)[2])
    for missing in allowed:
        code, _, error = run(name, [action for action in allowed if action != missing])
        assert (code, bool(re.search(DENIED, error)), len(error.splitlines())) == (1, True, 1), (missing, error)


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


def test_without_a_permission_a_check_of_verify_is_left_to_be_done_by_hand(rig, script, headshot, monkeypatch):
    allowed = actions("verify")
    assert set(allowed) == {"cloudformation:DescribeStacks", *CHECKS, *UNSEEN}
    for name, value in script.items():
        monkeypatch.setenv(name, value)

    def by_hand(*missing):
        allow(rig, [action for action in allowed if action not in missing])
        rows = json.loads(headshot("verify", *dict.fromkeys(CHECKS.values()), "--json")[1])
        return {row["check"]: row["detail"] for row in rows if row["result"] == "by hand"}

    assert by_hand() == {}
    for missing, check in CHECKS.items():
        assert {name: "AccessDenied" in detail for name, detail in by_hand(missing).items()} == {check: True}
    allow(rig, [])
    assert "cloudformation:DescribeStacks" in headshot("verify", "recovery")[2]
