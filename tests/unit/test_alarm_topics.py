"""Topics elsewhere, which the emulator lets no alarm name."""

from headshot_cli.stack import Stack
from headshot_cli.topics import obstacles

ALARM = {
    "AlarmName": "errors",
    "AlarmArn": "arn:aws:cloudwatch:eu-central-1:111111111111:alarm:errors",
    "ActionsEnabled": True,
}


def test_a_topic_in_another_region_is_named_with_what_to_do():
    topic = "arn:aws:sns:us-east-1:111111111111:alarms"
    [said] = obstacles(Stack("headshot"), [ALARM | {"AlarmActions": [topic]}])
    assert said.startswith(f"{topic} is in another region. Create a topic in eu-central-1")


def test_a_topic_of_another_account_is_not_looked_at():
    topic = "arn:aws:sns:eu-central-1:222222222222:alarms"
    assert obstacles(Stack("headshot"), [ALARM | {"AlarmActions": [topic]}]) == []


def test_alarms_without_a_topic_are_nobodys_concern():
    assert obstacles(Stack("headshot"), [ALARM | {"AlarmActions": [], "ActionsEnabled": False}]) == []
