"""The queues: their messages, their delays, and how dead letters are received."""

import json

import pytest

from headshot.problems import StoreUnavailable
from headshot.stores import dead_letter_queue
from headshot.stores.dead_letter_queue import DeadLetter, DeadLetterQueue
from headshot.stores.ingest_queue import IngestQueue, file_name_of
from headshot.stores.publish_queue import PublishQueue, user_id_of
from tests.unit.stores.stubs import stubbed


@pytest.fixture
def sqs(request):
    with stubbed("sqs", lambda client: request.param("url", client)) as made:
        yield made


@pytest.mark.parametrize("sqs", [IngestQueue], indirect=True)
@pytest.mark.parametrize(
    ("counts", "empty"), [((0, 0, 0), True), ((1, 0, 0), False), ((0, 1, 0), False), ((0, 0, 1), False)]
)
def test_a_queue_is_empty_if_no_message_waits_is_being_processed_or_is_delayed(sqs, counts, empty):
    stub, queue = sqs
    names = ["", "NotVisible", "Delayed"]
    attributes = {f"ApproximateNumberOfMessages{name}": str(count) for name, count in zip(names, counts, strict=True)}
    expected = {"QueueUrl": "url", "AttributeNames": list(attributes)}
    stub.add_response("get_queue_attributes", {"Attributes": attributes}, expected)
    assert queue.is_empty() is empty


@pytest.mark.parametrize("sqs", [IngestQueue], indirect=True)
@pytest.mark.parametrize("name", ["ä b%.jpg", "ada+photos@example.com.jpg", "ada%40example.com.jpg", "\x01\uffff"])
def test_a_queued_file_reads_like_an_event_of_s3(sqs, name):
    stub, queue = sqs
    body = json.dumps({"detail": {"object": {"key": f"dropbox/{name}"}}})
    assert body.isascii()  # SQS accepts few control characters ("SendMessage", SQS API reference)
    stub.add_response("send_message", {}, {"QueueUrl": "url", "MessageBody": body})
    queue.add(name)
    assert file_name_of(body) == name


@pytest.mark.parametrize("read", [file_name_of, user_id_of])
@pytest.mark.parametrize(
    "body", ["not JSON", "{}", "[]", '{"detail": null}', '{"detail": {"object": {"key": 1}}}', "[" * 100_000]
)
def test_a_message_about_nothing_is_a_value_error(read, body):
    with pytest.raises(ValueError, match="This message names no"):
        read(body)


@pytest.mark.parametrize("body", ['{"user_id": "no id"}', '{"user_id": null}'])
def test_a_message_with_an_invalid_user_id_is_a_value_error(body):
    with pytest.raises(ValueError, match="names no user id"):
        user_id_of(body)


@pytest.mark.parametrize("sqs", [PublishQueue], indirect=True)
@pytest.mark.parametrize(("seconds", "delay"), [(2.4, 2), (86_400, 43_000)])
def test_a_delay_stays_below_the_limit_of_sqs(sqs, seconds, delay):
    stub, queue = sqs
    expected = {"QueueUrl": "url", "ReceiptHandle": "receipt", "VisibilityTimeout": delay}
    stub.add_response("change_message_visibility", {}, expected)
    queue.delay("receipt", seconds)


RECEIVED = {"Messages": [{"Body": body, "ReceiptHandle": f"receipt-{body}"} for body in ("a", "b")]}
RECEIVE = {"QueueUrl": "url", "MaxNumberOfMessages": 10, "WaitTimeSeconds": 1, "VisibilityTimeout": 60}


@pytest.mark.parametrize("sqs", [DeadLetterQueue], indirect=True)
def test_dead_letters_are_received_until_none_is_left(sqs):
    stub, queue = sqs
    for response in (RECEIVED, {}):
        stub.add_response("receive_message", response, RECEIVE)
    assert queue.receive() == [DeadLetter("a", "receipt-a"), DeadLetter("b", "receipt-b")]


@pytest.mark.parametrize("sqs", [DeadLetterQueue], indirect=True)
def test_dead_letters_are_received_up_to_a_limit(sqs, monkeypatch):
    stub, queue = sqs
    monkeypatch.setattr(dead_letter_queue, "MOST", 3)
    for _ in range(2):
        stub.add_response("receive_message", RECEIVED, RECEIVE)
    assert len(queue.receive()) == 4


@pytest.mark.parametrize("sqs", [DeadLetterQueue], indirect=True)
def test_a_dead_letter_is_deleted_or_released(sqs):
    stub, queue = sqs
    stub.add_response("delete_message", {}, {"QueueUrl": "url", "ReceiptHandle": "receipt-a"})
    queue.delete(DeadLetter("a", "receipt-a"))
    visible = {"QueueUrl": "url", "ReceiptHandle": "receipt-b", "VisibilityTimeout": 0}
    stub.add_response("change_message_visibility", {}, visible)
    queue.release([DeadLetter("b", "receipt-b")])


@pytest.mark.parametrize("sqs", [IngestQueue, PublishQueue, DeadLetterQueue], indirect=True)
def test_a_failure_names_sqs(sqs):
    stub, queue = sqs
    stub.add_client_error("change_message_visibility", "ServiceUnavailable")
    with pytest.raises(StoreUnavailable, match="SQS does not answer"):
        queue.delay("receipt", 1)
