"""Transient failures of Okta and of AWS delay a photo; none is lost."""

import json
import re
from functools import partial

import pytest

from local import portrait
from tests.awaiting import eventually
from tests.fakes import faults
from tests.publish.watching import dead_letters, headshot, last_result, published, status
from tests.stack.test_faults import denied

ADA, GRACE = (portrait.jpeg(name, (300, 400)) for name in ("Ada Lovelace", "Grace Hopper"))


def is_published(uploader, user_id):
    return status(uploader, user_id) == "published"


def test_while_okta_is_down_photos_wait_and_are_published_later(system, uploader, okta_user):
    ada = okta_user("ada-down")
    system.app.faults.extend([faults.answer(503)] * 2)
    url = uploader.upload("ada-down", ADA).json()["url"]
    eventually(lambda: status(uploader, "ada-down") == "retrying")
    assert published(uploader, "ada-down")["error"] == "Okta answered 503."
    eventually(lambda: system.fake.photo_url(ada) == url)
    eventually(lambda: is_published(uploader, "ada-down"))
    assert published(uploader, "ada-down")["attempts"] == 3


def test_a_rate_limit_delays_photos_and_loses_none(system, uploader, okta_user):
    users = {name: okta_user(name) for name in ("limit1", "limit2", "limit3")}
    system.app.faults.append(faults.answer(429, {"Retry-After": "2"}))
    urls = {name: uploader.upload(name, ADA).json()["url"] for name in users}
    eventually(lambda: all(system.fake.photo_url(user) == urls[name] for name, user in users.items()))


def test_a_photo_waits_for_its_account_to_appear(publishing, system, uploader, okta_user):
    url = uploader.upload("new-hire", ADA).json()["url"]
    eventually(lambda: status(uploader, "new-hire") == "waiting")
    error = published(uploader, "new-hire")["error"]
    assert error.startswith("Okta has no user new-hire. If the account does not appear within a day, ")
    assert f"new-hire\twaiting for the account\t{error}" in re.sub(
        r"\t20\S+|\thttp\S+", "", headshot(publishing, "list", "--unpublished")
    )
    assert dead_letters(publishing) == []
    hire = okta_user("new-hire")
    headshot(publishing, "reconcile")  # the queue would do it within minutes
    assert system.fake.photo_url(hire) == url
    assert is_published(uploader, "new-hire")


@pytest.mark.parametrize(
    ("role", "action", "mapping"),
    [
        ("RelayRole", "sqs:SendMessage", "RelayFunctionChanges"),
        ("PublishRole", "dynamodb:GetItem", "PublishFunctionQueue"),
        ("PublishRole", "dynamodb:UpdateItem", "PublishFunctionQueue"),
    ],
)
def test_a_failure_of_aws_delays_a_photo(publishing, system, uploader, okta_user, role, action, mapping):
    name = f"aws-{action.partition(':')[2]}".lower()
    ada = okta_user(name)
    with denied(publishing, role, action):
        url = uploader.upload(name, ADA).json()["url"]
        eventually(
            lambda: "1 partial" in last_result(publishing, mapping) or last_result(publishing, mapping) == "FAILED"
        )
    eventually(lambda: system.fake.photo_url(ada) == url)
    eventually(lambda: is_published(uploader, name))


def test_a_late_message_publishes_the_current_photo(publishing, system, uploader, okta_user):
    ada = okta_user("ada-twice")
    uploader.upload("ada-twice", ADA)
    url = uploader.upload("ada-twice", GRACE).json()["url"]
    eventually(lambda: system.fake.photo_url(ada) == url)
    system.fake.users[ada]["profile"]["primaryPhotoValue"] = "https://elsewhere.example.com/"
    publishing.client("sqs").send_message(
        QueueUrl=publishing.outputs["PublishQueue"], MessageBody='{"user_id": "ada-twice"}'
    )
    eventually(lambda: system.fake.photo_url(ada) == url)


def test_marking_a_record_does_not_publish_it_again(publishing, uploader, okta_user):
    """The stream is read in order: once a second photo is published, any effect of the first one's mark is over."""
    for name in ("first-mark", "second-mark"):
        okta_user(name)
        uploader.upload(name, ADA)
        eventually(partial(is_published, uploader, name))
    logs = {"logGroupName": publishing.physical_id("RelayLogs"), "filterPattern": '"photo changed"'}
    lines = [json.loads(found["message"]) for found in publishing.client("logs").filter_log_events(**logs)["events"]]
    marked = [line["user_id"] for line in lines if line["user_id"] in ("first-mark", "second-mark")]
    assert marked == ["first-mark", "second-mark"]
    assert published(uploader, "first-mark")["attempts"] == 1
