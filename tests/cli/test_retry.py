"""`headshot retry`: dead letters, and files in the drop box that no event reported."""

import json

from headshot_cli import retry
from local import portrait
from tests.awaiting import eventually
from tests.stack.test_faults import denied
from tests.stack.test_sweep import no_events


def test_a_retried_file_is_named_without_control_characters(rig, headshot):
    key = "dropbox/[/red]\u202e.jpg"
    body = json.dumps({"detail": {"object": {"key": key}}})
    with no_events(rig):
        rig.client("s3").put_object(Bucket=rig.outputs["PhotosBucket"], Key=key, Body=b"no picture")
    rig.client("sqs").send_message(QueueUrl=rig.outputs["IngestDeadLetterQueue"], MessageBody=body)
    printed = headshot("retry")[1].splitlines()
    eventually(lambda: not rig.objects(key))
    assert r"dropbox/[/red]\u202e.jpg: it failed too often; see the function's log" in printed


def test_files_in_the_drop_box_are_queued(rig, headshot, monkeypatch):
    key = "dropbox/commandmissed.jpg"
    with no_events(rig):
        body = portrait.jpeg("missed", (128, 128))
        rig.client("s3").put_object(Bucket=rig.outputs["PhotosBucket"], Key=key, Body=body)
        assert headshot("retry") == (0, "Retried: 0\n", "")  # an event may still report it
        monkeypatch.setitem(retry._SWEEP, "older_than", 0)
        assert eventually(lambda: headshot("retry")[2]) == "Queued from the drop box: 1\n"
    eventually(lambda: not rig.objects(key))
    assert headshot("show", "commandmissed")[0] == 0


def test_a_sweep_that_fails_is_reported_in_one_line(rig, headshot):
    with denied(rig, "SweepRole", "sqs:ReceiveMessage"):
        code, printed, error = headshot("retry")
    assert (code, printed) == (1, "")
    assert error.startswith("Sweep failed: SQS does not answer at the moment.")
    assert len(error.splitlines()) == 1
