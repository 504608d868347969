"""What publish does when the identity provider, AWS or an administrator gets something wrong: nothing is lost."""

import json
import re
from functools import partial
from unittest.mock import ANY

import pytest

from headshot.identity.okta import Okta
from local import portrait, stack
from local.fake_okta import Okta as Fake
from local.stack import PROJECT
from tests.awaiting import eventually
from tests.cli.test_permissions import actions, allow, script
from tests.fakes import faults
from tests.fakes.systems import System
from tests.publish.test_systems import chosen, records, update
from tests.publish.watching import dead_letters, headshot, last_result, status
from tests.stack.test_faults import denied
from tests.stack.test_sweep import sweep

__all__ = ["script"]

ADA, GRACE, JOAN = (portrait.jpeg(name, (300, 400)) for name in ("Ada Lovelace", "Grace Hopper", "Joan Clarke"))


@pytest.fixture(scope="module")
def system():
    return System(Okta, Fake(lambda header: header == "SSWS known"), {"api_token": "known"})


@pytest.fixture(scope="module")
def published(rig, system):
    with chosen(rig, system) as published:
        yield published


@pytest.fixture
def person(system, uploader, published):  # noqa: ARG001  with the identity provider chosen
    """Somebody whom Okta knows, by a name of the test's own."""
    people = []

    def add(name):
        people.append(name)
        return system.fake.add(name, f"{name}@example.com")

    yield add
    for name in people:
        uploader.erase(name)


def test_while_okta_is_down_photos_wait_and_arrive_when_it_is_back(system, uploader, person):
    ada = person("ada-down")
    system.app.faults.extend([faults.answer(503)] * 2)
    url = uploader.upload("ada-down", ADA).json()["url"]
    eventually(lambda: status(uploader, "ada-down") == "retrying")
    published = uploader.record("ada-down").json()["published"]
    assert published["error"] == "Okta answered 503."
    eventually(lambda: system.fake.held(ada) == url)
    eventually(lambda: status(uploader, "ada-down") == "published")
    assert uploader.record("ada-down").json()["published"]["attempts"] == 3


def is_published(uploader, user_id):
    return status(uploader, user_id) == "published"


def test_writing_down_how_a_photo_fares_wakes_nobody(published, uploader, person):
    """The stream is read in order: once a second photo is published, what the first one's mark has caused is done."""
    for name in ("waking", "woken"):
        person(name)
        uploader.upload(name, ADA)
        eventually(partial(is_published, uploader, name))
    logs = {"logGroupName": published.physical_id("RelayLogs"), "filterPattern": '"photo changed"'}
    lines = [json.loads(found["message"]) for found in published.client("logs").filter_log_events(**logs)["events"]]
    assert [line["user_id"] for line in lines if line["user_id"] in ("waking", "woken")] == ["waking", "woken"]
    assert uploader.record("waking").json()["published"]["attempts"] == 1


def test_a_rate_limit_is_kept_to_and_loses_nobody(system, uploader, person):
    people = {name: person(name) for name in ("limit1", "limit2", "limit3")}
    system.app.faults.append(faults.answer(429, {"Retry-After": "2"}))
    urls = {name: uploader.upload(name, ADA).json()["url"] for name in people}
    eventually(lambda: all(system.fake.held(user) == urls[name] for name, user in people.items()))


def test_a_photo_waits_for_its_account_to_appear(published, system, uploader, person):
    url = uploader.upload("new-hire", ADA).json()["url"]
    eventually(lambda: status(uploader, "new-hire") == "waiting")
    error = uploader.record("new-hire").json()["published"]["error"]
    assert error.startswith("Okta knows nobody as new-hire. If the account does not appear within a day, ")
    assert f"new-hire\twaiting for the account\t{error}" in re.sub(
        r"\t20\S+|\thttp\S+", "", headshot(published, "list", "--unpublished")
    )
    assert dead_letters(published) == []
    hire = person("new-hire")
    headshot(published, "reconcile")  # the queue would do so within minutes
    assert system.fake.held(hire) == url
    assert status(uploader, "new-hire") == "published"


def test_what_fails_for_good_is_sent_again_by_a_command(published, system, uploader, person):
    late, double = person("late"), system.fake.add("double", "late@example.com")
    url = uploader.upload("late@example.com", ADA).json()["url"]
    eventually(lambda: status(uploader, "late@example.com") == "failed")
    failed = uploader.record("late@example.com").json()["published"]
    error = failed["error"]
    assert error.startswith("Okta knows 2 users as late@example.com.")
    line = f"published  failed at {failed['at']} (attempts: 1): {error}"
    assert line in headshot(published, "show", "late@example.com").splitlines()
    eventually(lambda: dead_letters(published))
    assert [(letter["user_id"], letter["error"]) for letter in dead_letters(published)] == [("late@example.com", error)]

    # What still fails comes back, and the command does not wait for that.
    assert headshot(published, "retry") == f"late@example.com: {error}\nRetried: 1\n"
    eventually(lambda: uploader.record("late@example.com").json()["published"]["attempts"] == 2)
    eventually(lambda: dead_letters(published))

    del system.fake.users[double]
    assert json.loads(headshot(published, "retry", "--json")) == [{"subject": "late@example.com", "error": error}]
    eventually(lambda: system.fake.held(late) == url)
    assert dead_letters(published) == []
    assert headshot(published, "retry") == "Retried: 0\n"
    uploader.erase("late@example.com")


def test_a_dead_letter_no_longer_names_a_person_once_the_erasure_is_done(published, system, uploader):
    def named():
        sweep(published, "files")
        return "letter@example.com" in {letter["user_id"] for letter in dead_letters(published)}

    _, double = (system.fake.add(name, "letter@example.com") for name in ("letter1", "letter2"))
    uploader.upload("letter@example.com", ADA)
    eventually(lambda: dead_letters(published))
    assert named()
    del system.fake.users[double]
    uploader.erase("letter@example.com")
    eventually(lambda: not named())


def test_what_nobody_can_read_in_the_queue_holds_nobody_up(published, system, uploader, person):
    ada = person("ada-poison")
    sqs = published.client("sqs")
    for body in ("not JSON", "{}", '{"user_id": 7}', '{"user_id": "nobody-at-all"}'):
        sqs.send_message(QueueUrl=published.outputs["PublishQueue"], MessageBody=body)
    url = uploader.upload("ada-poison", ADA).json()["url"]
    eventually(lambda: system.fake.held(ada) == url)
    sqs.send_message(QueueUrl=published.outputs["PublishDeadLetterQueue"], MessageBody="not JSON")
    eventually(lambda: len(dead_letters(published)) >= 4)
    printed = headshot(published, "retry")
    assert "not JSON: " in printed
    assert "Retried: " in printed
    eventually(lambda: len(dead_letters(published)) >= 4)
    sqs.purge_queue(QueueUrl=published.outputs["PublishDeadLetterQueue"])


def test_a_late_message_publishes_what_is_current(published, system, uploader, person):
    ada = person("ada-twice")
    uploader.upload("ada-twice", ADA)
    url = uploader.upload("ada-twice", GRACE).json()["url"]
    eventually(lambda: system.fake.held(ada) == url)
    system.fake.users[ada]["profile"]["primaryPhotoValue"] = "https://elsewhere.example.com/"
    published.client("sqs").send_message(
        QueueUrl=published.outputs["PublishQueue"], MessageBody='{"user_id": "ada-twice"}'
    )
    eventually(lambda: system.fake.held(ada) == url)


@pytest.mark.parametrize(
    ("role", "action", "mapping"),
    [
        ("RelayRole", "sqs:SendMessage", "RelayFunctionChanges"),
        ("PublishRole", "dynamodb:GetItem", "PublishFunctionQueue"),
        ("PublishRole", "dynamodb:UpdateItem", "PublishFunctionQueue"),
    ],
)
def test_a_failure_of_aws_delays_and_loses_nothing(published, system, uploader, person, role, action, mapping):
    name = f"aws-{action.partition(':')[2]}".lower()
    ada = person(name)
    with denied(published, role, action):
        url = uploader.upload(name, ADA).json()["url"]
        eventually(
            lambda: "1 partial" in last_result(published, mapping) or last_result(published, mapping) == "FAILED"
        )
    eventually(lambda: system.fake.held(ada) == url)
    eventually(lambda: status(uploader, name) == "published")


def test_whose_login_has_changed_is_erased_all_the_same(published, system, uploader, person):
    ada = person("ada-married")
    url = uploader.upload("ada-married", ADA).json()["url"]
    eventually(lambda: status(uploader, "ada-married") == "published")
    assert system.fake.held(ada) == url
    system.fake.users[ada]["profile"] |= {"login": "ada-byron", "email": "ada-byron@example.com"}
    uploader.erase("ada-married")
    eventually(lambda: system.fake.held(ada) == f"{published.url}/photos/_default.jpg")
    eventually(lambda: uploader.erase("ada-married").json()["identity_provider"] is None)


def test_an_erasure_that_reached_nobody_is_not_done_until_it_has(published, system, uploader, person):
    """A proxy's 404 is not Okta's. Until Okta itself has confirmed it, ids and times stay, and nothing else."""
    ada = person("ada-behind-a-proxy")
    uploader.upload("ada-behind-a-proxy", ADA)
    eventually(lambda: status(uploader, "ada-behind-a-proxy") == "published")
    system.app.faults.append(faults.answer(404, body=b"<html>Not Found</html>"))
    uploader.erase("ada-behind-a-proxy")

    def progress():
        return uploader.erase("ada-behind-a-proxy").json()["identity_provider"]

    eventually(lambda: progress()["status"] != "pending")
    expected = {
        "status": "retrying",
        "at": ANY,
        "attempts": 1,
        "error": "Okta answered 404. Check IdentityProviderUrl.",
    }
    assert progress() == expected
    assert uploader.record("ada-behind-a-proxy").status_code == 404
    [left] = [item for item in records(published) if item["user_id"]["S"] == "ada-behind-a-proxy"]
    assert left.keys() == {"user_id", "erased", "identity_id", "published"}
    assert left["identity_id"] == {"S": ada}
    assert "ada-behind-a-proxy" not in headshot(published, "list")

    headshot(published, "reconcile")
    assert progress() is None
    assert system.fake.held(ada) == f"{published.url}/photos/_default.jpg"


def test_an_erasure_that_is_rejected_is_a_dead_letter_with_the_reason_and_can_be_sent_again(
    published, system, uploader, person
):
    ada = person("ada-deactivated")
    uploader.upload("ada-deactivated", ADA)
    eventually(lambda: status(uploader, "ada-deactivated") == "published")
    system.fake.users[ada]["status"] = "DEPROVISIONED"
    uploader.erase("ada-deactivated")

    def progress():
        return uploader.erase("ada-deactivated").json()["identity_provider"]

    eventually(lambda: progress()["status"] == "failed")
    reason = progress()["error"]
    assert "Edit Deactivated User Profile Updates" in reason
    eventually(lambda: dead_letters(published))
    [letter] = dead_letters(published)
    assert (letter["user_id"], letter["error"]) == ("ada-deactivated", reason)

    system.fake.edits_deactivated = True
    assert headshot(published, "retry") == f"ada-deactivated: {reason}\nRetried: 1\n"
    eventually(lambda: progress() is None)
    assert system.fake.held(ada) == f"{published.url}/photos/_default.jpg"


def test_a_photo_that_comes_after_an_unconfirmed_erasure_is_published(system, uploader, person):
    ada = person("ada-again")
    uploader.upload("ada-again", ADA)
    eventually(lambda: status(uploader, "ada-again") == "published")
    system.app.faults.append(faults.answer(404, body=b"<html>Not Found</html>"))
    uploader.erase("ada-again")
    eventually(lambda: uploader.erase("ada-again").json()["identity_provider"]["status"] != "pending")
    back = uploader.upload("ada-again", GRACE)
    assert back.status_code == 201
    eventually(lambda: system.fake.held(ada) == back.json()["url"])
    eventually(lambda: status(uploader, "ada-again") == "published")


def test_a_rotated_secret_is_waited_for_and_taken_up(rig, published, system, uploader, person):
    ada = person("ada-rotated")
    secrets = rig.client("secretsmanager")
    [name] = [secret["Name"] for secret in secrets.list_secrets()["SecretList"] if "okta" in secret["Name"]][-1:]
    system.fake._authorized = lambda header: header == "SSWS rotated"
    url = uploader.upload("ada-rotated", ADA).json()["url"]
    eventually(lambda: status(uploader, "ada-rotated") == "retrying")
    assert "Check the credentials in the secret." in uploader.record("ada-rotated").json()["published"]["error"]

    secrets.put_secret_value(SecretId=name, SecretString='{"api_token": "rot\\nated"}')
    printed = headshot(published, "reconcile", expected=1)
    assert 'Stopped, because this affects everyone: The secret\'s "api_token" holds a line break' in printed
    assert 'The secret\'s "api_token" holds a line break' in uploader.record("ada-rotated").json()["published"]["error"]
    assert dead_letters(published) == []

    secrets.put_secret_value(SecretId=name, SecretString='{"api_token": "rotated\\n"}')
    headshot(published, "reconcile")
    assert system.fake.held(ada) == url
    assert status(uploader, "ada-rotated") == "published"


def test_reconciling_publishes_what_was_there_before_and_repairs_what_was_changed(published, system, uploader, person):
    names = {name: person(name) for name in ("before1", "before2", "before3")}
    urls = {name: uploader.upload(name, JOAN).json()["url"] for name in names}
    eventually(lambda: all(system.fake.held(user) == urls[name] for name, user in names.items()))
    system.fake.users[names["before1"]]["profile"].pop("primaryPhotoValue")
    system.fake.users[names["before2"]]["profile"]["primaryPhotoValue"] = "https://elsewhere.example.com/"
    printed = headshot(published, "reconcile")
    assert "2 repaired" in printed
    assert all(system.fake.held(user) == urls[name] for name, user in names.items())
    answer = json.loads(headshot(published, "reconcile", "--json"))
    assert (answer["summary"]["repaired"], answer["start_after"], answer["failures"]) == (0, None, [])


def test_reconciling_says_who_failed_and_why(published, uploader, person):
    person("ada-shared")
    uploader.upload("ada-shared", ADA)
    eventually(lambda: status(uploader, "ada-shared") == "published")
    uploader.upload("ada-shared@example.com", GRACE)
    eventually(lambda: status(uploader, "ada-shared@example.com") == "published")
    printed = headshot(published, "reconcile", expected=1)
    reason = "ada-shared and ada-shared@example.com are one user at the identity provider"
    assert f"ada-shared: {reason}" in printed
    assert "1 failed" in printed
    answer = json.loads(headshot(published, "reconcile", "--json", expected=1))
    assert [failure["user_id"] for failure in answer["failures"]] == ["ada-shared"]
    uploader.erase("ada-shared@example.com")
    eventually(lambda: uploader.erase("ada-shared@example.com").json()["identity_provider"] is None)
    assert "1 repaired" in headshot(published, "reconcile")


def test_a_script_may_reconcile_with_the_permissions_of_the_guide(published, script):
    allow(published, actions("reconcile"))
    assert "failed" in headshot(published, "reconcile", **script)


def test_reconciling_goes_on_by_itself_until_it_is_through(published, system, uploader, person):
    """More people than are looked at in one go, and no time: the function starts itself again."""
    people = [person(f"crowd{number}") for number in range(30)]
    for number in range(30):
        uploader.upload(f"crowd{number}", JOAN)
    eventually(lambda: all(system.fake.held(user) for user in people))
    for user in people:
        del system.fake.users[user]["profile"]["primaryPhotoValue"]
    event = json.dumps({"continue": True, "seconds": 0})
    published.client("lambda").invoke(FunctionName=published.outputs["ReconcileFunction"], Payload=event)
    assert not all(system.fake.held(user) for user in people)
    eventually(lambda: all(system.fake.held(user) for user in people))


def test_a_schedule_can_be_set_and_taken_away(rig, published):
    rules = rig.client("events")

    def scheduled():
        name = rig.client("cloudformation").describe_stack_resources(StackName=stack.STACK)["StackResources"]
        mine = [item["PhysicalResourceId"] for item in name if item["LogicalResourceId"] == "ReconcileRule"]
        return [rule for rule in rules.list_rules()["Rules"] if rule["Name"] in mine]

    update(rig, ReconcileSchedule="rate(1 day)")
    [rule] = scheduled()
    assert (rule["ScheduleExpression"], rule["State"]) == ("rate(1 day)", "ENABLED")
    [target] = rules.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    assert target["Arn"].endswith(published.outputs["ReconcileFunction"])
    update(rig, ReconcileSchedule="")
    assert scheduled() == []


@pytest.mark.usefixtures("published")
def test_nothing_secret_is_in_the_template_the_environment_or_the_logs(rig):
    functions = rig.client("lambda").list_functions()["Functions"]
    template = rig.client("cloudformation").get_template(StackName=stack.STACK)["TemplateBody"]
    logs = rig.client("logs")
    said = [
        event["message"]
        for group in logs.describe_log_groups()["logGroups"]
        for event in logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
    ]
    assert any('"identity provider updated"' in line for line in said)
    assert any('"IdentityProviderRefused"' in line for line in said), "the alarm would not learn of it"
    for text in (json.dumps(functions), json.dumps(template), *said):
        assert "SSWS" not in text
        assert "rotated" not in text.replace("ada-rotated", "")


@pytest.mark.parametrize(
    ("function", "name", "expected"),
    [
        ("RelayFunction", "relay-changes", None),
        ("PublishFunction", "publish-queue", {"batchItemFailures": []}),
        ("ReconcileFunction", "reconcile", {"summary": ANY, "start_after": None, "failures": ANY, "error": None}),
    ],
)
def test_the_events_for_sam_local_work(published, function, name, expected):
    event = (PROJECT / f"events/{name}.json").read_bytes()
    result = published.client("lambda").invoke(FunctionName=published.physical_id(function), Payload=event)
    assert "FunctionError" not in result
    assert json.load(result["Payload"]) == expected


@pytest.mark.usefixtures("published")
def test_an_erased_persons_attribute_is_cleared_where_that_is_chosen(rig, system, uploader):
    ada = system.fake.add("ada-clear", "ada-clear@example.com")
    update(rig, ErasedPhoto="Clear")
    url = uploader.upload("ada-clear", ADA).json()["url"]
    eventually(lambda: system.fake.held(ada) == url)
    uploader.erase("ada-clear")
    eventually(lambda: system.fake.held(ada) is None)
    update(rig, ErasedPhoto="Default")
