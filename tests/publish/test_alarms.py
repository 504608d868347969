"""Alarms fire and reach the SNS topic of the stack."""

import json

from tests.awaiting import eventually
from tests.fakes.systems import PROVIDERS
from tests.publish.deploying import identity_provider, update_stack

ALARMS = [
    "ApiErrorsAlarm",
    "ApiThrottledAlarm",
    "ServeThrottlesAlarm",
    "IngestDeadLetterAlarm",
    "IngestDelayAlarm",
    "ConsumerStoppedAlarm",
    "FailedRunsAlarm",
    "SweepMissingAlarm",
    "PublishDeadLetterAlarm",
    "PublishDelayAlarm",
    "PublishLagAlarm",
    "IdentityProviderRefusedAlarm",
    "RelayThrottlesAlarm",
    "RelayDelayAlarm",
]


def test_every_alarm_reaches_the_topic_when_it_fires_and_when_it_ends(rig):
    sns, sqs, cloudwatch = rig.client("sns"), rig.client("sqs"), rig.client("cloudwatch")
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    mailbox = sqs.create_queue(QueueName="mailbox")["QueueUrl"]
    names = ["QueueArn"]
    arn = sqs.get_queue_attributes(QueueUrl=mailbox, AttributeNames=names)["Attributes"]["QueueArn"]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=mailbox, Attributes={"Policy": policy})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    received = set()

    def all_received():
        for message in sqs.receive_message(QueueUrl=mailbox, MaxNumberOfMessages=10).get("Messages", []):
            notice = json.loads(json.loads(message["Body"])["Message"])
            received.add((notice["AlarmName"], notice["NewStateValue"]))
        return received >= expected

    with identity_provider(rig, PROVIDERS["okta"](), AlarmTopicArn=topic):
        expected = {(rig.physical_id(alarm), state) for alarm in ALARMS for state in ("ALARM", "OK")}
        alarms = cloudwatch.describe_alarms(AlarmNames=[name for name, _ in expected])["MetricAlarms"]
        assert len(alarms) == len(ALARMS)
        for alarm in alarms:
            if alarm["TreatMissingData"] == "breaching":  # the emulator does not evaluate missing data
                cloudwatch.set_alarm_state(AlarmName=alarm["AlarmName"], StateValue="ALARM", StateReason="tried")
            else:
                measure(cloudwatch, alarm)
        for alarm in alarms:
            cloudwatch.set_alarm_state(AlarmName=alarm["AlarmName"], StateValue="OK", StateReason="tried")
        eventually(all_received)
    update_stack(rig, AlarmTopicArn="")


def measure(cloudwatch, alarm):
    """Publish a value of the alarm's metric at which it must fire."""
    value = {"MetricName": alarm["MetricName"], "Dimensions": alarm["Dimensions"], "Value": alarm["Threshold"]}
    cloudwatch.put_metric_data(Namespace=alarm["Namespace"], MetricData=[value])
