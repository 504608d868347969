"""Runs that nobody waits for end in a queue if they fail."""

import pytest
from samcli.yamlhelper import yaml_parse

from local.stack import PROJECT

RESOURCES = yaml_parse((PROJECT / "template.yaml").read_text())["Resources"]
QUEUE = {"Fn::GetAtt": ["FailedRunsQueue", "Arn"]}
ON_FAILURE = {"OnFailure": {"Type": "SQS", "Destination": QUEUE}}


def test_schedules_keep_runs_that_they_cannot_start():
    events = RESOURCES["SweepFunction"]["Properties"]["Events"]
    [target] = RESOURCES["ReconcileRule"]["Properties"]["Targets"]
    photo = RESOURCES["CanaryFunction"]["Properties"]["Events"]["Photo"]["Properties"]
    for kept in [target, photo, *(event["Properties"] for event in events.values())]:
        assert kept["DeadLetterConfig"] == {"Arn": QUEUE}
    [_, statement] = RESOURCES["FailedRunsQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]
    sources = statement["Condition"]["ArnEquals"]["aws:SourceArn"]
    reconcile = {"Fn::If": ["HasReconcileSchedule", {"Fn::GetAtt": ["ReconcileRule", "Arn"]}, {"Ref": "AWS::NoValue"}]}
    canary = {"Fn::If": ["HasCanary", {"Fn::GetAtt": ["CanaryFunctionPhoto", "Arn"]}, {"Ref": "AWS::NoValue"}]}
    assert sources == [*({"Fn::GetAtt": [f"SweepFunction{event}", "Arn"]} for event in events), reconcile, canary]


def test_functions_that_run_asynchronously_keep_runs_that_failed():
    for function in ("SweepFunction", "CanaryFunction"):
        assert RESOURCES[function]["Properties"]["EventInvokeConfig"] == {"DestinationConfig": ON_FAILURE}
    config = RESOURCES["ReconcileInvokeConfig"]["Properties"]
    assert config["FunctionName"] == {"Ref": "ReconcileFunction"}
    assert config["DestinationConfig"] == {"OnFailure": {"Destination": QUEUE}}


def test_relay_keeps_a_change_before_the_stream_drops_it():
    changes = RESOURCES["RelayFunction"]["Properties"]["Events"]["Changes"]["Properties"]
    assert changes["DestinationConfig"] == ON_FAILURE
    assert changes["MaximumRecordAgeInSeconds"] < 24 * 60 * 60


@pytest.mark.parametrize("role", ["SweepRole", "ReconcileRole", "RelayRole", "CanaryRole"])
def test_the_functions_may_send_to_the_queue(role):
    [policy] = RESOURCES[role]["Properties"]["Policies"]
    statements = policy["PolicyDocument"]["Statement"]
    assert [each["Action"] for each in statements if each["Resource"] == QUEUE] == ["sqs:SendMessage"]


def test_the_alarm_watches_the_queue():
    [dimension] = RESOURCES["FailedRunsAlarm"]["Properties"]["Dimensions"]
    assert dimension["Value"] == {"Fn::GetAtt": ["FailedRunsQueue", "QueueName"]}
