"""Queues, schedules and alarms of the template agree with the code and with each other."""

import json

from headshot import ingest, publish
from headshot.stores import queues
from tests.unit.template import FUNCTIONS, RESOURCES, TEMPLATE


def test_the_schedule_starts_reconcile_which_continues_until_all_records_are_compared():
    [target] = RESOURCES["ReconcileRule"]["Properties"]["Targets"]
    assert target["Arn"] == {"Fn::GetAtt": ["ReconcileFunction", "Arn"]}
    assert json.loads(target["Input"]) == {"continue": True}
    permission = RESOURCES["ReconcileRulePermission"]["Properties"]
    assert permission["SourceArn"] == {"Fn::GetAtt": ["ReconcileRule", "Arn"]}
    assert TEMPLATE["Parameters"]["ReconcileSchedule"]["Default"] == ""


def test_events_that_cannot_be_delivered_reach_the_dead_letter_queue_that_the_alarm_watches():
    [target] = RESOURCES["DropBoxRule"]["Properties"]["Targets"]
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["IngestDeadLetterQueue", "Arn"]}}
    [_, statement] = RESOURCES["IngestDeadLetterQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["DropBoxRule", "Arn"]}}}
    [dimension] = RESOURCES["IngestDeadLetterAlarm"]["Properties"]["Dimensions"]
    assert dimension["Value"] == {"Fn::GetAtt": ["IngestDeadLetterQueue", "QueueName"]}


def test_the_sweep_looks_for_files_every_ten_minutes_and_for_photos_every_day():
    events = [event["Properties"] for event in RESOURCES["SweepFunction"]["Properties"]["Events"].values()]
    assert {event["Schedule"]: json.loads(event["Input"]) for event in events} == {
        "rate(10 minutes)": {"task": "files", "older_than": 600},
        "rate(1 day)": {"task": "photos", "older_than": 1200},
    }
    assert all(function["Properties"]["Timeout"] < 1200 for function in FUNCTIONS.values())


def test_a_message_stays_invisible_for_six_times_the_functions_timeout():
    for name in ("Publish", "Ingest"):
        function, queue = RESOURCES[f"{name}Function"]["Properties"], RESOURCES[f"{name}Queue"]["Properties"]
        assert queue["VisibilityTimeout"] == 6 * function["Timeout"]


def test_no_delay_exceeds_what_sqs_allows_after_the_longest_run():
    """The 12 hours count from the receipt of the message ("ChangeMessageVisibility", SQS API reference)."""
    assert queues._LONGEST + RESOURCES["PublishFunction"]["Properties"]["Timeout"] < 43_200


def test_publish_stops_retrying_before_its_queue_does():
    """The queue knows only how often a message was received; publish knows its age and stores the reason."""
    tries = RESOURCES["PublishQueue"]["Properties"]["RedrivePolicy"]["maxReceiveCount"]
    delays = [min(publish.FIRST_DELAY * 2**n, publish.LONGEST_DELAY) for n in range(tries - 1)]
    assert sum(delays) > publish.RETRY_PERIOD.total_seconds()


def test_ingest_tries_ten_times_within_an_hour_and_quickly_at_first():
    """A message moves to the dead-letter queue when it becomes visible after its last try."""
    tries = RESOURCES["IngestQueue"]["Properties"]["RedrivePolicy"]["maxReceiveCount"]
    delays = [ingest.retry_delay(number) for number in range(1, tries + 1)]
    assert tries == 10
    assert delays[0] < 5
    assert 50 * 60 < sum(delays) < 62 * 60


def test_the_filter_of_the_stream_has_the_form_that_aws_documents():
    """DynamoDB filters start with the key `dynamodb` ("Using event filtering with a DynamoDB event source")."""
    properties = RESOURCES["RelayFunction"]["Properties"]["Events"]["Changes"]["Properties"]
    patterns = [json.loads(item["Pattern"]) for item in properties["FilterCriteria"]["Filters"]]
    assert patterns == [{"dynamodb": {"NewImage": {"pending": {"BOOL": [True]}}}}]


def concurrency(function):
    """Return how many instances of a function run at once at most, by default: one, unless its queue allows more."""
    for event in function["Properties"].get("Events", {}).values():
        if event["Type"] == "SQS":
            most = event["Properties"]["ScalingConfig"]["MaximumConcurrency"]
            return TEMPLATE["Parameters"][most["Ref"]]["Default"] if isinstance(most, dict) else most
    return 1


def test_a_new_account_with_ten_concurrent_executions_has_room_for_reads_and_uploads():
    # The canary is disabled by default, and runs for a second every five minutes.
    foreground = {"ServeFunction", "UploadFunction", "CanaryFunction"}
    background = [function for name, function in FUNCTIONS.items() if name not in foreground]
    assert 10 - sum(map(concurrency, background)) >= 3


def test_the_administrator_sets_the_concurrency_of_ingest():
    [queue] = RESOURCES["IngestFunction"]["Properties"]["Events"].values()
    assert queue["Properties"]["ScalingConfig"] == {"MaximumConcurrency": {"Ref": "IngestConcurrency"}}
    # "Maximum concurrency": 2 to 1,000 ("Using Lambda with Amazon SQS", Lambda developer guide)
    parameter = TEMPLATE["Parameters"]["IngestConcurrency"]
    assert (parameter["MinValue"], parameter["MaxValue"]) == (2, 1000)


def test_an_alarm_fires_when_reads_are_throttled():
    alarm = RESOURCES["ServeThrottlesAlarm"]["Properties"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Lambda", "Throttles")
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": "ServeFunction"}}]
    assert (alarm["Statistic"], alarm["Threshold"]) == ("Sum", 1)
