"""docs/operations.md has a runbook for every alarm and for every queue that keeps failures, and alarms name theirs."""

import re

import pytest

from tests.unit.template import FUNCTIONS, PROJECT, RESOURCES, of_type

PAGE = (PROJECT / "docs/operations.md").read_text("utf-8")
ALARMS = of_type("AWS::CloudWatch::Alarm")

# Working queues keep messages for SQS's default of four days.
KEEPS_FAILURES = [
    name for name, queue in of_type("AWS::SQS::Queue").items() if "MessageRetentionPeriod" in queue["Properties"]
]


def runbook(name):
    """Return the section under a heading of the page."""
    [section] = re.findall(rf"^### {name}\n(.+?)(?=^##)", PAGE, re.MULTILINE | re.DOTALL)
    return section


@pytest.mark.parametrize("name", [*ALARMS, *KEEPS_FAILURES])
def test_a_runbook_says_where_to_look_what_the_causes_are_and_when_it_is_over(name):
    for part in ("**Look:**", "**Causes:**", "**Over:**"):
        assert part in runbook(name)


@pytest.mark.parametrize("name", ALARMS)
def test_the_table_of_failures_leads_to_every_runbook(name):
    table = PAGE[PAGE.index("| failure | alarm") : PAGE.index("To try a topic")]
    assert f"[`{name}`](#{name.lower()})" in table


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_names_its_runbook_where_a_notification_shows_it(name):
    description = ALARMS[name]["Properties"]["AlarmDescription"]
    assert description.endswith(f" Runbook: docs/operations.md#{name.lower()}")
    assert len(description) <= 1024  # "PutMetricAlarm", CloudWatch API reference


def test_every_dead_letter_queue_keeps_failures():
    targets = [
        queue["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        for queue in of_type("AWS::SQS::Queue").values()
        if "RedrivePolicy" in queue["Properties"]
    ]
    assert {*targets, "FailedRunsQueue"} == set(KEEPS_FAILURES)


@pytest.mark.parametrize("name", sorted(set(re.findall(r"\b(?:physical|failures) ([A-Z]\w+)", PAGE))))
def test_the_commands_name_resources_of_the_template(name):
    rules = {
        f"{function}{event}" for function in FUNCTIONS for event in FUNCTIONS[function]["Properties"].get("Events", ())
    }
    assert name in RESOURCES.keys() | rules  # SAM names the rule of a schedule after function and event
