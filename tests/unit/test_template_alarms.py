"""Every failure reaches an alarm, and every alarm reaches the topic. docs/operations.md has the same in a table."""

import re

import pytest

from tests.unit.template import FUNCTIONS, RESOURCES, of_type

ALARMS = of_type("AWS::CloudWatch::Alarm")


def properties(name):
    return RESOURCES[name]["Properties"]


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
    assert breaching == {"SweepMissingAlarm", "CertificateAlarm", "CanaryAlarm"}


def test_the_alarm_of_failed_runs_lasts_until_somebody_looks():
    """SQS reports nothing about a queue that has not been used for six hours."""
    alarm = properties("FailedRunsAlarm")
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": {"Fn::GetAtt": ["FailedRunsQueue", "QueueName"]}}]
    assert alarm["TreatMissingData"] == "ignore"


def test_an_outage_of_a_single_request_fires_an_alarm():
    alarm = properties("ApiErrorsAlarm")
    assert (alarm["MetricName"], alarm["Statistic"], alarm["Threshold"]) == ("5xx", "Sum", 1)


# What notices that a function fails for good, and that it does not get to run: throttled, disabled, or never started.
NOTICED = {
    "ServeFunction": ({"ApiErrorsAlarm"}, {"ApiErrorsAlarm", "ServeThrottlesAlarm"}),
    "UploadFunction": ({"ApiErrorsAlarm"}, {"ApiErrorsAlarm"}),
    "IngestFunction": ({"IngestDeadLetterAlarm"}, {"IngestDelayAlarm", "ConsumerStoppedAlarm"}),
    "SweepFunction": ({"FailedRunsAlarm"}, {"FailedRunsAlarm", "SweepMissingAlarm"}),
    "RelayFunction": ({"RelayDelayAlarm"}, {"RelayThrottlesAlarm", "ConsumerStoppedAlarm"}),
    "PublishFunction": ({"PublishDeadLetterAlarm"}, {"PublishDelayAlarm", "ConsumerStoppedAlarm"}),
    "CanaryFunction": ({"CanaryAlarm"}, {"CanaryAlarm"}),
    "ReconcileFunction": ({"FailedRunsAlarm"}, {"FailedRunsAlarm"}),
}


def test_no_function_fails_or_stops_in_silence():
    assert NOTICED.keys() == FUNCTIONS.keys()
    assert {alarm for both in NOTICED.values() for names in both for alarm in names} <= ALARMS.keys()


@pytest.mark.parametrize("queue", ["Ingest", "Publish"])
def test_an_alarm_fires_when_messages_age_in_a_queue(queue):
    alarm = properties(f"{queue}DelayAlarm")
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SQS", "ApproximateAgeOfOldestMessage")
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": {"Fn::GetAtt": [f"{queue}Queue", "QueueName"]}}]


def test_the_sweep_looks_after_every_event_source_mapping():
    mappings = {
        f"{name}{event}"
        for name, function in FUNCTIONS.items()
        for event, definition in function["Properties"].get("Events", {}).items()
        if definition["Type"] in ("SQS", "DynamoDB")
    }
    consumers = properties("SweepFunction")["Environment"]["Variables"]["CONSUMERS"]
    condition, every, without = consumers["Fn::If"]
    assert condition == "HasIdentityProvider"
    assert set(re.findall(r"\$\{(\w+)}", every["Fn::Sub"])) == mappings
    assert without == {"Ref": "IngestFunctionQueue"}


def test_the_api_counts_what_it_throttles():
    """The filter reads the access log, where API Gateway writes the status as text."""
    assert '"status":"$context.status"' in properties("Api")["AccessLogSettings"]["Format"]
    metric = properties("ApiThrottledMetric")
    assert metric["LogGroupName"] == {"Fn::If": ["OwnsAccessLogs", {"Ref": "AccessLogs"}, {"Ref": "AuditLogGroup"}]}
    assert metric["FilterPattern"] == '{ $.status = "429" }'
    [counted] = metric["MetricTransformations"]
    alarm = properties("ApiThrottledAlarm")
    assert (alarm["Namespace"], alarm["MetricName"]) == (counted["MetricNamespace"], counted["MetricName"])


def test_the_certificate_alarm_fires_two_weeks_ahead_and_when_acm_no_longer_reports():
    alarm = properties("CertificateAlarm")
    assert alarm["Dimensions"] == [{"Name": "CertificateArn", "Value": {"Ref": "CertificateArn"}}]
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (14, "LessThanThreshold")
    assert alarm["Period"] * alarm["EvaluationPeriods"] <= 7 * 86_400  # the most that CloudWatch evaluates
