"""The identity provider ends up with what the record says, whatever happens at the same moment."""

import json
import traceback
from dataclasses import replace
from datetime import timedelta
from functools import partial
from unittest.mock import ANY

import pytest

from headshot import urls
from headshot.identity.errors import (
    ConfigurationError,
    IdentityError,
    PermanentError,
    TransientError,
    UnexpectedError,
    UnknownUserError,
)
from headshot.problems import StoreUnavailable
from headshot.publish import RETRY_PERIOD, Publisher, retry_delay
from headshot.reconcile import Failure, Run, Summary, reconcile
from headshot.record import Published, Record
from tests.unit.examples import FAILED, PUBLISHED, RECORD, TOMBSTONE
from tests.unit.memory import MemoryProvider, MemoryQueue, MemoryRecords
from tests.unit.test_template import RESOURCES

ERASED_URL = "https://photos.example.com/photos/_default.jpg"
NEWER = replace(RECORD, url="https://photos.example.com/photos/ada/newer.jpg", version="newer", s3_version_id="s3-2")


@pytest.fixture(autouse=True)
def _stack_name(monkeypatch):
    monkeypatch.setenv("STACK_NAME", "headshot")


@pytest.fixture
def records():
    records = MemoryRecords()
    records.items["ada"] = RECORD
    return records


def test_a_photo_is_published_and_the_record_says_so(records):
    provider = MemoryProvider()
    Publisher(records, provider, ERASED_URL).publish("ada")
    assert provider.held == {"ada": RECORD.url}
    published = records.items["ada"].published
    assert (published.status, published.attempts, published.error) == ("published", 1, None)


def test_a_user_is_found_once_and_known_by_the_vendors_id_from_then_on(records):
    provider = MemoryProvider()
    provider.ids["ada"] = "00u1"
    publisher = Publisher(records, provider, ERASED_URL)
    for _ in range(2):
        publisher.publish("ada")
    assert provider.calls == [("find", "ada"), ("set", "00u1"), ("set", "00u1")]
    assert records.items["ada"].identity_id == "00u1"


def test_the_vendors_id_is_kept_even_if_writing_there_fails(records):
    """What was done may be done although the answer says otherwise."""
    provider = MemoryProvider()
    provider.ids["ada"] = "00u1"
    provider.once["00u1"] = [TransientError("down")]
    with pytest.raises(TransientError):
        Publisher(records, provider, ERASED_URL).publish("ada")
    assert records.items["ada"].identity_id == "00u1"


def test_whose_account_was_created_again_is_found_by_name_once_more(records):
    provider = MemoryProvider()
    provider.ids["ada"] = "00u2"
    provider.errors["00u1"] = UnknownUserError("no 00u1")
    records.items["ada"] = replace(RECORD, identity_id="00u1")
    Publisher(records, provider, ERASED_URL).publish("ada")
    assert provider.held == {"00u2": RECORD.url}
    assert records.items["ada"].identity_id == "00u2"


@pytest.mark.parametrize(("erased_url", "held"), [(ERASED_URL, {"00u1": ERASED_URL}), (None, {})])
def test_of_an_erased_person_the_neutral_picture_or_nothing_is_handed_over(erased_url, held):
    """By the vendor's id, since the name may have changed."""
    records, provider = MemoryRecords(), MemoryProvider({"00u1": RECORD.url})
    records.items["ada"] = TOMBSTONE
    provider.errors["ada"] = UnknownUserError("nobody")
    Publisher(records, provider, erased_url).publish("ada")
    assert provider.held == held
    assert records.items == {}


@pytest.mark.parametrize("tombstone", [TOMBSTONE, replace(TOMBSTONE, identity_id=None)])
def test_an_erased_person_whom_the_identity_provider_does_not_know_either_is_done(tombstone):
    records, provider = MemoryRecords(), MemoryProvider(error=UnknownUserError("nobody"))
    records.items["ada"] = tombstone
    Publisher(records, provider, ERASED_URL).publish("ada")
    assert provider.held == {}
    assert provider.calls[-1] == ("find", "ada")
    assert records.items == {}


@pytest.mark.parametrize(
    ("error", "raised", "status"),
    [
        (TransientError("down"), TransientError, "retrying"),
        (PermanentError("not allowed"), PermanentError, "failed"),
        (ConfigurationError("wrong directory"), ConfigurationError, "retrying"),
        (ValueError("bug"), UnexpectedError, "retrying"),
    ],
)
def test_an_erasure_that_is_not_confirmed_stays_with_its_reason_until_it_is(error, raised, status):
    records, provider = MemoryRecords(), MemoryProvider(error=error)
    records.items["ada"] = TOMBSTONE
    publisher = Publisher(records, provider, ERASED_URL)
    for attempts in (1, 2):
        with pytest.raises(raised) as caught:
            publisher.publish("ada")
        published = records.items["ada"].published
        assert published == Published(status, ANY, attempts, str(caught.value))
    provider.error = None
    publisher.publish("ada")
    assert (provider.held, records.items) == ({"00u1": ERASED_URL}, {})


def test_nobody_is_called_default(records):
    records.items[urls.DEFAULT_USER] = replace(RECORD, user_id=urls.DEFAULT_USER)
    provider = MemoryProvider()
    Publisher(records, provider, ERASED_URL).publish(urls.DEFAULT_USER)
    assert provider.calls == []


LONG_AGO = RETRY_PERIOD + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("error", "age", "raised", "status"),
    [
        (TransientError("down"), timedelta(), TransientError, "retrying"),
        (TransientError("down"), LONG_AGO, PermanentError, "failed"),
        (ConfigurationError("wrong secret"), timedelta(), ConfigurationError, "retrying"),
        (ConfigurationError("wrong secret"), LONG_AGO, PermanentError, "failed"),
        (PermanentError("no attribute"), timedelta(), PermanentError, "failed"),
        (UnknownUserError("nobody"), timedelta(), UnknownUserError, "waiting"),
        (UnknownUserError("nobody"), LONG_AGO, PermanentError, "failed"),
    ],
)
def test_a_failure_is_written_into_the_record_and_counted(records, error, age, raised, status):
    provider = MemoryProvider(error=error)
    publisher = Publisher(records, provider, ERASED_URL)
    for attempts in (1, 2):
        with pytest.raises(raised, match=str(error)):
            publisher.publish("ada", age=age)
        published = records.items["ada"].published
        assert (published.status, published.attempts, published.error) == (status, attempts, str(error))
    provider.error = None
    publisher.publish("ada")
    published = records.items["ada"].published
    assert (published.status, published.attempts, published.error) == ("published", 3, None)


@pytest.mark.parametrize("repairs", [False, True])
def test_an_unexpected_error_is_marked_retried_a_few_times_and_keeps_its_message_to_itself(records, repairs):
    publisher = Publisher(records, MemoryProvider(error=ValueError("Invalid header value b'SSWS known'")), ERASED_URL)
    call = partial(publisher.repair, RECORD) if repairs else partial(publisher.publish, "ada", 4)
    with pytest.raises(UnexpectedError) as unexpected:
        call()
    with pytest.raises(PermanentError) as failed:
        publisher.publish("ada", tries=5)
    published = records.items["ada"].published
    assert (published.status, published.error) == ("failed", str(unexpected.value))
    for error in (unexpected.value, failed.value):
        assert "ValueError" in str(error)
        assert "known" not in "".join(traceback.format_exception(error))


STEPS = [
    "records.entry",
    "provider.find",
    "provider.set",
    "provider.was set",
    "records.mark",
    "records.delete_tombstone",
]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("inner_step", [*STEPS, None])
@pytest.mark.parametrize("erases", [False, True])
@pytest.mark.parametrize("starts_erased", [False, True])
def test_an_older_url_never_overwrites_a_newer_one(step, inner_step, erases, starts_erased):
    """Whatever step one delivery has come to, the photo changes, a second delivery sees it, and at any step of that the
    photo changes once more and a third delivery sees that.
    """
    changes = [RECORD, NEWER] if starts_erased else [NEWER, None if erases else replace(NEWER, s3_version_id="s3-3")]
    plan = [step, inner_step]

    def interrupt(found):
        if plan and found == plan[0]:
            plan.pop(0)
            change(changes.pop(0))
            publisher.publish("ada")

    def change(record):
        stands = records.items.get("ada")
        if record:
            records.items["ada"] = replace(record, identity_id=stands.identity_id if stands else None)
        elif isinstance(stands, Record):
            records._before, before = lambda _step: None, records._before
            records.erase_if_current(stands)
            records._before = before

    records = MemoryRecords(interrupt, tombstones=True)
    provider = MemoryProvider(before=interrupt)
    provider.ids["ada"] = "00u1"
    records.items["ada"] = replace(TOMBSTONE, identity_id=None) if starts_erased else RECORD
    publisher = Publisher(records, provider, ERASED_URL)
    publisher.publish("ada")
    last = records.items.get("ada")
    assert provider.held["00u1"] == (last.url if last else ERASED_URL)
    assert last is None or (last.published and last.published.status == "published")


def test_a_delivery_that_writes_after_a_confirmed_erasure_undoes_it_by_the_vendors_id(records):
    """The tombstone is gone by then, and the name may have changed."""

    def erase(step):
        if step == "provider.was set" and records.items.pop("ada", None):
            provider.errors["ada"] = UnknownUserError("nobody")

    provider = MemoryProvider(before=erase)
    provider.ids["ada"] = "00u1"
    Publisher(records, provider, ERASED_URL).publish("ada")
    assert (provider.held, records.items) == ({"00u1": ERASED_URL}, {})


def test_a_photo_that_changes_all_the_while_is_left_for_later(records):
    numbers = iter(range(100))

    def change(step):
        if step == "provider.set":
            records.items["ada"] = replace(RECORD, s3_version_id=f"s3-{next(numbers)}")

    with pytest.raises(TransientError):
        Publisher(records, MemoryProvider(before=change), ERASED_URL).publish("ada")


def test_delays_grow_and_are_never_shorter_than_asked():
    down = TransientError("down")
    delays = [retry_delay(down, tries) for tries in range(1, 30)]
    assert delays[0] >= 2
    assert delays[5] > delays[0]
    assert max(delays) <= 1200 * 1.2
    assert retry_delay(TransientError("limit", 90), 1) >= 90
    assert retry_delay(TransientError("limit", 90), 20) >= 1200
    assert retry_delay(StoreUnavailable(), 1) < 3
    assert RETRY_PERIOD.days == 1


@pytest.mark.parametrize("error", [ConfigurationError("wrong secret"), UnknownUserError("nobody")])
def test_what_needs_an_administrator_or_an_account_is_retried_slowly_from_the_start(error):
    assert 60 <= retry_delay(error, 1) <= 72
    assert 120 <= retry_delay(error, 2) <= 144
    assert 1200 <= retry_delay(error, 20) <= 1440


@pytest.mark.parametrize("repairs", [False, True])
@pytest.mark.parametrize("entry", [RECORD, TOMBSTONE])
def test_what_concerns_everybody_is_retried_for_a_day_and_counted_for_the_alarm(repairs, entry, records, capsys):
    records.items["ada"] = entry
    publisher = Publisher(records, MemoryProvider(error=ConfigurationError("wrong secret")), ERASED_URL)
    with pytest.raises(ConfigurationError):
        publisher.repair(entry) if repairs else publisher.publish("ada", tries=50)
    assert records.items["ada"].published == Published("retrying", ANY, 1, "wrong secret")
    line = json.loads(capsys.readouterr().out)
    alarm = RESOURCES["IdentityProviderRefusedAlarm"]["Properties"]
    [dimension] = alarm["Dimensions"]
    variables = {
        name: RESOURCES[name]["Properties"]["Environment"]["Variables"]
        for name in ("PublishFunction", "ReconcileFunction")
    }
    for found in variables.values():
        assert found["STACK_NAME"] == dimension["Value"] == {"Ref": "AWS::StackName"}
    assert line["_aws"]["CloudWatchMetrics"] == [
        {
            "Namespace": alarm["Namespace"],
            "Dimensions": [[dimension["Name"]]],
            "Metrics": [{"Name": alarm["MetricName"], "Unit": "Count"}],
        }
    ]
    assert (line[dimension["Name"]], line[alarm["MetricName"]]) == ("headshot", [1.0])
    with pytest.raises(PermanentError):
        publisher.publish("ada", age=LONG_AGO)
    assert records.items["ada"].published.status == "failed"


def test_other_failures_sound_no_alarm_for_everybody(records, capsys):
    for error in (
        TransientError("down"),
        UnknownUserError("nobody"),
        PermanentError("no attribute"),
        ValueError("bug"),
    ):
        with pytest.raises(IdentityError):
            Publisher(records, MemoryProvider(error=error), ERASED_URL).publish("ada")
    assert capsys.readouterr().out == ""


@pytest.fixture
def crowd():
    """Sixty people: a third published right, a third with an older URL, a third never published; and the default."""
    records, provider = MemoryRecords(), MemoryProvider()
    for number in range(60):
        name = f"user{number:02}"
        records.items[name] = replace(RECORD, user_id=name, url=f"https://photos.example.com/{name}.jpg")
        if number % 3 < 2:
            provider.held[name] = records.items[name].url if number % 3 else "https://photos.example.com/old.jpg"
    records.items[urls.DEFAULT_USER] = replace(RECORD, user_id=urls.DEFAULT_USER)
    return records, provider


def all_right(records, provider):
    people = {name: record for name, record in records.items.items() if name != urls.DEFAULT_USER}
    return provider.held == {name: record.url for name, record in people.items()} and all(
        record.published.status == "published" for record in people.values()
    )


def test_reconciling_repairs_what_differs_and_leaves_alone_what_does_not(crowd):
    records, provider = crowd
    publisher, queue = Publisher(records, provider, ERASED_URL), MemoryQueue()
    run = reconcile(publisher, queue, Summary(), None, lambda: True)
    assert run == Run(Summary(unchanged=20, repaired=40), None, [])
    assert all_right(records, provider)
    assert sorted(user_id for name, user_id in provider.calls if name == "set") == sorted(
        name for name in records.items if name != urls.DEFAULT_USER and int(name.removeprefix("user")) % 3 != 1
    )
    assert reconcile(publisher, queue, Summary(), None, lambda: True) == Run(Summary(unchanged=60), None, [])


def test_reconciling_retries_erasures(crowd):
    records, provider = crowd
    publisher, queue = Publisher(records, provider, ERASED_URL), MemoryQueue()
    for name in ("user03", "user04", "user05"):
        records.items[name] = replace(TOMBSTONE, user_id=name, identity_id=None, published=FAILED)
    provider.errors = {"user04": PermanentError("not allowed"), "user05": TransientError("down")}
    run = reconcile(publisher, queue, Summary(), None, lambda: True)
    assert (run.summary.failed, run.summary.queued) == (1, 1)
    assert run.failures == [Failure("user04", "not allowed")]
    assert queue.user_ids == ["user05"]
    assert provider.held["user03"] == ERASED_URL
    assert "user03" not in records.items
    assert records.items["user04"].published == Published("failed", ANY, FAILED.attempts + 1, "not allowed")


def test_reconciling_learns_the_vendors_ids(crowd):
    records, provider = crowd
    provider.ids["user01"] = "00u1"
    provider.held["00u1"] = records.items["user01"].url
    records.items["user01"] = replace(records.items["user01"], published=PUBLISHED)
    reconcile(Publisher(records, provider, ERASED_URL), MemoryQueue(), Summary(), None, lambda: True)
    assert records.items["user01"].identity_id == "00u1"


def test_reconciling_goes_on_where_it_stopped(crowd):
    records, provider = crowd
    publisher, queue = Publisher(records, provider, ERASED_URL), MemoryQueue()
    summary, start_after, runs = Summary(), None, 0
    while runs == 0 or start_after:
        run = reconcile(publisher, queue, summary, start_after, lambda: False)
        summary, start_after = run.summary, run.start_after
        runs += 1
    assert runs == 3
    assert summary == Summary(unchanged=20, repaired=40)
    assert all_right(records, provider)


def test_reconciling_counts_what_fails_and_queues_what_may_pass(crowd):
    records, provider = crowd
    publisher, queue = Publisher(records, provider, ERASED_URL), MemoryQueue()
    provider.errors = {
        "user00": PermanentError("no"),
        "user01": TransientError("down"),
        "user02": TransientError("limit", 3600),
    }
    run = reconcile(publisher, queue, Summary(), None, lambda: True)
    assert run == Run(Summary(unchanged=19, repaired=38, failed=1, queued=2), None, [Failure("user00", "no")])
    assert sorted(queue.user_ids) == ["user01", "user02"]
    assert records.items["user00"].published.error == "no"


def test_reconciling_waits_for_a_short_rate_limit(crowd):
    records, provider = crowd
    publisher, queue = Publisher(records, provider, ERASED_URL), MemoryQueue()
    limits = {"user05": [TransientError("limit", 0.01)] * 2}
    provider.once = limits
    run = reconcile(publisher, queue, Summary(), None, lambda: True)
    assert run.summary == Summary(unchanged=20, repaired=40)
    assert limits["user05"] == []


def test_reconciling_names_a_bounded_number_of_failures(crowd):
    records, provider = crowd
    for number in range(60, 140):
        records.items[f"user{number}"] = replace(RECORD, user_id=f"user{number}")
    provider.error = PermanentError("no attribute")
    run = reconcile(Publisher(records, provider, ERASED_URL), MemoryQueue(), Summary(), None, lambda: True)
    assert run.summary == Summary(failed=140)
    assert len(run.failures) == 100
    assert {failure.error for failure in run.failures} == {"no attribute"}


def test_reconciling_stops_at_what_concerns_everybody_and_can_go_on_from_there(crowd):
    records, provider = crowd
    publisher, queue = Publisher(records, provider, ERASED_URL), MemoryQueue()
    provider.errors = {f"user{number:02}": ConfigurationError("wrong secret") for number in range(24, 60)}
    stopped = reconcile(publisher, queue, Summary(), None, lambda: True)
    assert stopped.error == "wrong secret"
    assert stopped.start_after == sorted(records.items)[24]
    provider.errors = {}
    run = reconcile(publisher, queue, stopped.summary, stopped.start_after, lambda: True)
    assert (run.error, run.start_after) == (None, None)
    assert all_right(records, provider) or queue.user_ids


def test_one_user_whom_a_role_does_not_cover_stops_nobody_else(crowd):
    records, provider = crowd
    provider.errors = {"user07": ConfigurationError("403: not covered")}
    queue = MemoryQueue()
    run = reconcile(Publisher(records, provider, ERASED_URL), queue, Summary(), None, lambda: True)
    assert (run.error, run.summary.queued, queue.user_ids) == (None, 1, ["user07"])


def test_one_person_under_two_ids_is_named_and_not_repaired_for_ever():
    records, provider, queue = MemoryRecords(), MemoryProvider(), MemoryQueue()
    names = {"ada": "0" * 32, "ada@example.com": "1" * 32}
    for name, version in names.items():
        provider.ids[name] = "00u1"
        url = urls.photo_url("https://photos.example.com", name, version)
        records.items[name] = replace(RECORD, user_id=name, url=url)
    publisher = Publisher(records, provider, ERASED_URL)
    for name in names:
        publisher.publish(name)
    for _ in range(2):
        run = reconcile(publisher, queue, Summary(), None, lambda: True)
        assert run.summary == Summary(unchanged=1, failed=1)
        [failure] = run.failures
        assert failure.user_id == "ada"
        assert failure.error.startswith("ada and ada@example.com are the same user at the identity provider")
        assert records.items["ada"].published.error == failure.error
    del records.items["ada@example.com"]
    run = reconcile(publisher, queue, Summary(), None, lambda: True)
    assert run.summary == Summary(repaired=1)
    assert provider.held["00u1"] == records.items["ada"].url


def test_a_photo_of_somebody_else_in_ones_profile_is_repaired():
    """Such as a copied attribute: the two are not one person."""
    records, provider = MemoryRecords(), MemoryProvider()
    for name in ("ada", "grace"):
        url = urls.photo_url("https://photos.example.com", name, "0" * 32)
        records.items[name] = replace(RECORD, user_id=name, url=url)
    publisher = Publisher(records, provider, ERASED_URL)
    for name in ("ada", "grace"):
        publisher.publish(name)
    provider.held["ada"] = provider.held["grace"]
    run = reconcile(publisher, MemoryQueue(), Summary(), None, lambda: True)
    assert run.summary == Summary(unchanged=1, repaired=1)
    assert provider.held["ada"] == records.items["ada"].url


@pytest.mark.parametrize("status", [None, "published", "retrying", "waiting", "failed"])
def test_reconciling_daily_does_not_wait_for_an_account_for_ever(records, status):
    """A message waits a day. Were there a new one each day, nobody would ever learn that the account is missing."""
    published = Published(status, "2026-01-02T03:04:06.000Z", 1, "nobody") if status else None
    records.items["ada"] = replace(RECORD, published=published)
    provider, queue = MemoryProvider(error=UnknownUserError("nobody")), MemoryQueue()
    run = reconcile(Publisher(records, provider, ERASED_URL), queue, Summary(), None, lambda: True)
    if status == "failed":
        assert (run.summary, records.items["ada"].published.status) == (Summary(failed=1), "failed")
        [failure] = run.failures
        assert failure.error.startswith("nobody ")
    else:
        assert (run.summary, records.items["ada"].published.status) == (Summary(queued=1), "waiting")
    assert queue.user_ids == ([] if status in ("waiting", "failed") else ["ada"])
    provider.error = None
    run = reconcile(Publisher(records, provider, ERASED_URL), queue, Summary(), None, lambda: True)
    assert (run.summary, records.items["ada"].published.status) == (Summary(repaired=1), "published")


def test_a_bug_about_one_record_does_not_end_the_run(crowd):
    records, provider = crowd

    class Records(MemoryRecords):
        def entry(self, user_id):
            if user_id == "user00":
                raise KeyError("width")
            return super().entry(user_id)

    broken = Records()
    broken.items = records.items
    run = reconcile(Publisher(broken, provider, ERASED_URL), MemoryQueue(), Summary(), None, lambda: True)
    assert run.summary == Summary(unchanged=20, repaired=39, failed=1)
    assert "KeyError" in run.failures[0].error
