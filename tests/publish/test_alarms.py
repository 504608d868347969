"""Alarms reach the SNS topic of the stack."""

import json

from tests.awaiting import eventually
from tests.fakes.systems import PROVIDERS
from tests.publish.deploying import identity_provider, update_stack

ALARMS = [
    "ApiErrorsAlarm",
    "ServeThrottlesAlarm",
    "IngestDeadLetterAlarm",
    "SweepErrorsAlarm",
    "FailedRunsAlarm",
    "PublishDeadLetterAlarm",
    "IdentityProviderRefusedAlarm",
    "RelayDelayAlarm",
]


def test_every_alarm_reaches_the_topic(rig):
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
            received.add(json.loads(json.loads(message["Body"])["Message"])["AlarmName"])
        return received >= expected

    with identity_provider(rig, PROVIDERS["okta"](), AlarmTopicArn=topic):
        expected = {rig.physical_id(alarm) for alarm in ALARMS}
        for name in expected:
            cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="tried")
        eventually(all_received)
    update_stack(rig, AlarmTopicArn="")
