"""SNS topics in other regions and accounts, which the emulator does not allow for an alarm."""

from headshot_cli.alarm_topics import obstacles
from headshot_cli.stack import Stack

ALARM = {
    "AlarmName": "errors",
    "AlarmArn": "arn:aws:cloudwatch:eu-central-1:111111111111:alarm:errors",
    "ActionsEnabled": True,
}


def test_a_topic_in_another_region_is_reported():
    topic = "arn:aws:sns:us-east-1:111111111111:alarms"
    [said] = obstacles(Stack("headshot"), [ALARM | {"AlarmActions": [topic]}])
    assert said.startswith(f"{topic} is in another region. Create a topic in eu-central-1")


def test_a_topic_of_another_account_is_not_checked():
    topic = "arn:aws:sns:eu-central-1:222222222222:alarms"
    assert obstacles(Stack("headshot"), [ALARM | {"AlarmActions": [topic]}]) == []


def test_alarms_without_a_topic_are_fine():
    assert obstacles(Stack("headshot"), [ALARM | {"AlarmActions": [], "ActionsEnabled": False}]) == []
