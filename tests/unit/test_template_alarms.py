"""Every failure reaches an alarm, and every alarm reaches the topic. docs/operations.md has the same in a table."""

import pytest

from tests.unit.template import FUNCTIONS, RESOURCES, of_type

ALARMS = of_type("AWS::CloudWatch::Alarm")
RUNS = {"Fn::GetAtt": ["FailedRunsQueue", "Arn"]}


def properties(name):
    found: dict[str, object] = RESOURCES[name]["Properties"]
    return found


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_notifies_the_topic_when_it_fires_and_when_it_ends(name):
    topic = [{"Fn::If": ["HasAlarmTopic", {"Ref": "AlarmTopicArn"}, {"Ref": "AWS::NoValue"}]}]
    assert properties(name)["AlarmActions"] == properties(name)["OKActions"] == topic


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_says_what_missing_data_means(name):
    """The default, `missing`, ends an alarm in INSUFFICIENT_DATA, which notifies nobody."""
    assert properties(name)["TreatMissingData"] in ("breaching", "notBreaching", "ignore")


def test_an_alarm_for_something_that_no_longer_happens_fires_on_missing_data():
    breaching = {name for name in ALARMS if properties(name)["TreatMissingData"] == "breaching"}
    assert breaching == {"SweepMissingAlarm"}


@pytest.mark.parametrize("name", ["SweepFunction", "ReconcileFunction"])
def test_a_run_that_failed_three_times_is_kept(name):
    destination = {"OnFailure": {"Type": "SQS", "Destination": RUNS}}
    assert properties(name)["EventInvokeConfig"] == {"DestinationConfig": destination}
    [policy] = properties(name.replace("Function", "Role"))["Policies"]
    statements = {item["Sid"]: item for item in policy["PolicyDocument"]["Statement"]}
    assert statements["KeepFailedRuns"] == {
        "Sid": "KeepFailedRuns",
        "Effect": "Allow",
        "Action": "sqs:SendMessage",
        "Resource": RUNS,
    }


def test_what_eventbridge_cannot_deliver_is_kept():
    schedules = [
        event["Properties"]
        for function in FUNCTIONS.values()
        for event in function["Properties"].get("Events", {}).values()
        if event["Type"] == "Schedule"
    ]
    [reconcile] = properties("ReconcileRule")["Targets"]
    assert [target["DeadLetterConfig"] for target in (*schedules, reconcile)] == [{"Arn": RUNS}] * 3


def test_the_alarm_of_failed_runs_lasts_until_somebody_looks():
    """SQS reports nothing about a queue that has not been used for six hours."""
    alarm = properties("FailedRunsAlarm")
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": {"Fn::GetAtt": ["FailedRunsQueue", "QueueName"]}}]
    assert alarm["TreatMissingData"] == "ignore"


def test_an_outage_of_a_single_request_fires_an_alarm():
    alarm = properties("ApiErrorsAlarm")
    assert (alarm["MetricName"], alarm["Statistic"], alarm["Threshold"]) == ("5xx", "Sum", 1)
