"""A scheduled run that fails for good ends in a queue."""

import json

from tests.awaiting import eventually


def test_a_sweep_that_fails_is_kept_with_its_task(rig):
    functions, sqs = rig.client("lambda"), rig.client("sqs")
    sweep = {"FunctionName": rig.outputs["SweepFunction"], "Qualifier": "$LATEST"}
    queue = rig.outputs["FailedRunsQueue"]
    kept = {"DestinationConfig": functions.get_function_event_invoke_config(**sweep)["DestinationConfig"]}
    functions.put_function_event_invoke_config(**sweep, **kept, MaximumRetryAttempts=0)  # the retries take minutes
    functions.invoke(**sweep, InvocationType="Event", Payload=json.dumps({"task": "files"}))
    [message] = eventually(lambda: sqs.receive_message(QueueUrl=queue).get("Messages"))
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    functions.put_function_event_invoke_config(**sweep, **kept)
    assert json.loads(message["Body"])["requestPayload"] == {"task": "files"}
