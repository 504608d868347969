"""`headshot status` says when alarms would reach nobody."""

import json

import pytest

from local.emulator import ACCOUNT_ID, REGION
from tests.cli.test_permissions import topic

__all__ = ["topic"]

OWN_POLICY = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"}, "Action": "sns:*"}
FOR_CLOUDWATCH = {"Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Action": "SNS:Publish"}


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.fixture
def silent(headshot):
    """Return the exit code of status, and its sentences about alarms that would reach nobody."""

    def said():
        code, printed, _ = headshot("status", "--json")
        return code, json.loads(printed)["silent_alarms"]

    return said


@pytest.mark.usefixtures("topic")
def test_a_new_topic_is_fine(silent):
    assert silent() == (0, [])


@pytest.mark.parametrize(
    ("name", "value", "obstacle"),
    [
        ("KmsMasterKeyId", "alias/aws/sns", "is encrypted with alias/aws/sns"),
        ("Policy", policy(OWN_POLICY), "has a policy that does not let CloudWatch publish"),
        ("Policy", policy(FOR_CLOUDWATCH | {"Effect": "Deny"}), "has a policy that does not let CloudWatch publish"),
        ("Policy", policy(FOR_CLOUDWATCH | {"Action": ["sns:Subscribe"]}), "has a policy that does not let CloudWatch"),
    ],
)
def test_a_topic_that_cloudwatch_cannot_publish_to_is_reported(rig, silent, topic, name, value, obstacle):
    before = rig.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"].get(name, "")
    rig.client("sns").set_topic_attributes(TopicArn=topic, AttributeName=name, AttributeValue=value)
    code, [said] = silent()
    rig.client("sns").set_topic_attributes(TopicArn=topic, AttributeName=name, AttributeValue=before)
    assert code == 1
    assert said.startswith(f"{topic} {obstacle}")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KmsMasterKeyId", f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/own"),
        ("Policy", policy(OWN_POLICY, FOR_CLOUDWATCH)),
        ("Policy", policy({"Effect": "Allow", "Principal": "*", "Action": "*"})),
    ],
)
def test_a_topic_with_a_key_or_policy_for_cloudwatch_is_fine(rig, silent, topic, name, value):
    before = rig.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"].get(name, "")
    rig.client("sns").set_topic_attributes(TopicArn=topic, AttributeName=name, AttributeValue=value)
    assert silent() == (0, [])
    rig.client("sns").set_topic_attributes(TopicArn=topic, AttributeName=name, AttributeValue=before)


def test_a_deleted_topic_is_reported(rig, silent, topic):
    rig.client("sns").delete_topic(TopicArn=topic)
    code, [said] = silent()
    assert (code, said) == (1, f"{topic} does not exist. Create it, or deploy with another AlarmTopicArn.")


@pytest.mark.usefixtures("topic")
def test_disabled_alarm_actions_are_reported(rig, silent):
    name = rig.physical_id("ApiErrorsAlarm")
    rig.client("cloudwatch").disable_alarm_actions(AlarmNames=[name])
    code, [said] = silent()
    rig.client("cloudwatch").enable_alarm_actions(AlarmNames=[name])
    assert code == 1
    assert said.startswith(f"{name} has its actions disabled. Enable them: aws cloudwatch enable-alarm-actions")
