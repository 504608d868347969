"""The queues, under the roles of the functions that use them."""

import json

import pytest

from headshot.stores.dead_letter_queue import DeadLetterQueue
from headshot.stores.publish_queue import PublishQueue


@pytest.fixture
def received(aws):
    """Return a message of a queue, received as Lambda does for publish, or None."""

    def receive(queue):
        options = {"QueueUrl": aws.resources[queue], "WaitTimeSeconds": 0, "AttributeNames": ["All"]}
        return next(iter(aws.client("sqs", "PublishRole").receive_message(**options).get("Messages", [])), None)

    return receive


@pytest.mark.parametrize("role", ["RelayRole", "ReconcileRole"])
def test_a_user_waits_in_the_queue_of_publish(aws, received, role):
    PublishQueue(aws.resources["PublishQueue"], aws.client("sqs", role)).add("o'ada+1=~@example.com", "change")
    message = received("PublishQueue")
    assert json.loads(message["Body"]) == {"user_id": "o'ada+1=~@example.com", "correlation_id": "change"}
    assert int(message["Attributes"]["ApproximateReceiveCount"]) == 1
    delete(aws, message)


def test_a_message_becomes_visible_after_its_delay_and_not_before(aws, received):
    relay = PublishQueue(aws.resources["PublishQueue"], aws.client("sqs", "RelayRole"))
    publish = PublishQueue(aws.resources["PublishQueue"], aws.client("sqs", "PublishRole"))
    relay.add("delayed")
    publish.delay(received("PublishQueue")["ReceiptHandle"], 0)
    again = received("PublishQueue")
    assert int(again["Attributes"]["ApproximateReceiveCount"]) == 2
    publish.delay(again["ReceiptHandle"], 3600)
    assert received("PublishQueue") is None
    publish.delay(again["ReceiptHandle"], 0)
    delete(aws, received("PublishQueue"))


def delete(aws, message):
    aws.client("sqs").delete_message(QueueUrl=aws.resources["PublishQueue"], ReceiptHandle=message["ReceiptHandle"])


def test_a_dead_letter_holds_a_long_reason(aws):
    url, reason = aws.resources["PublishDeadLetterQueue"], "–" * 50_000
    DeadLetterQueue(url, aws.client("sqs", "PublishRole")).add("failed", reason)
    [message] = aws.client("sqs").receive_message(QueueUrl=url)["Messages"]
    body = json.loads(message["Body"])
    assert (body["user_id"], body["error"]) == ("failed", reason)
    aws.client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def test_messages_that_fail_too_often_move_to_the_dead_letter_queue(aws):
    """By the redrive policies of both queues, on which Lambda relies."""
    for kind in ("Publish", "Ingest"):
        queue, dead_letter_queue = aws.resources[f"{kind}Queue"], aws.resources[f"{kind}DeadLetterQueue"]
        attributes = aws.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])
        redrive = json.loads(attributes["Attributes"]["RedrivePolicy"])
        assert redrive["deadLetterTargetArn"].rpartition(":")[2] == dead_letter_queue.rpartition("/")[2]
