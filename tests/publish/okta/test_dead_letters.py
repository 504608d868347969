"""Permanent failures go to the dead-letter queue, from where `headshot retry` sends them again."""

import json

from local import portrait
from tests.awaiting import eventually
from tests.publish.watching import dead_letters, headshot, published, status
from tests.stack.test_sweep import sweep

ADA = portrait.jpeg("Ada Lovelace", (300, 400))


def test_a_permanent_failure_can_be_retried_by_a_command(publishing, system, uploader, okta_user):
    late, double = okta_user("late"), system.fake.add("double", "late@example.com")
    url = uploader.upload("late@example.com", ADA).json()["url"]
    eventually(lambda: status(uploader, "late@example.com") == "failed")
    failed = published(uploader, "late@example.com")
    error = failed["error"]
    assert error.startswith("Okta has 2 users called late@example.com.")
    line = f"published  failed at {failed['at']} (attempts: 1): {error}"
    assert line in headshot(publishing, "show", "late@example.com").splitlines()
    eventually(lambda: dead_letters(publishing))
    assert [(message["user_id"], message["error"]) for message in dead_letters(publishing)] == [
        ("late@example.com", error)
    ]

    # A failure that is not fixed returns to the queue; the command does not wait for that.
    assert headshot(publishing, "retry") == f"late@example.com: {error}\nRetried: 1\n"
    eventually(lambda: published(uploader, "late@example.com")["attempts"] == 2)
    eventually(lambda: dead_letters(publishing))

    del system.fake.users[double]
    assert json.loads(headshot(publishing, "retry", "--json")) == [{"subject": "late@example.com", "error": error}]
    eventually(lambda: system.fake.photo_url(late) == url)
    assert dead_letters(publishing) == []
    assert headshot(publishing, "retry") == "Retried: 0\n"
    uploader.erase("late@example.com")


def test_a_dead_letter_is_deleted_once_the_user_is_erased(publishing, system, uploader):
    def named():
        sweep(publishing, "files")
        return "twins@example.com" in {message["user_id"] for message in dead_letters(publishing)}

    _, double = (system.fake.add(name, "twins@example.com") for name in ("twin1", "twin2"))
    uploader.upload("twins@example.com", ADA)
    eventually(lambda: dead_letters(publishing))
    assert named()
    del system.fake.users[double]
    uploader.erase("twins@example.com")
    eventually(lambda: not named())


def test_unreadable_messages_hold_up_no_other_photo(publishing, system, uploader, okta_user):
    ada = okta_user("ada-poison")
    sqs = publishing.client("sqs")
    for body in ("not JSON", "{}", '{"user_id": 7}', '{"user_id": "nobody-at-all"}'):
        sqs.send_message(QueueUrl=publishing.outputs["PublishQueue"], MessageBody=body)
    url = uploader.upload("ada-poison", ADA).json()["url"]
    eventually(lambda: system.fake.photo_url(ada) == url)
    sqs.send_message(QueueUrl=publishing.outputs["PublishDeadLetterQueue"], MessageBody="not JSON")
    eventually(lambda: len(dead_letters(publishing)) >= 4)
    printed = headshot(publishing, "retry")
    assert "not JSON: " in printed
    assert "Retried: " in printed
    eventually(lambda: len(dead_letters(publishing)) >= 4)
    sqs.purge_queue(QueueUrl=publishing.outputs["PublishDeadLetterQueue"])
