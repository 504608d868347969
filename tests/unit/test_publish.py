"""The identity provider ends up with what the record says, whatever happens at the same moment."""

import traceback
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from headshot import urls
from headshot.identity.errors import PermanentError, TransientError, UnexpectedError, UnknownUserError
from headshot.publish import GIVE_UP_AFTER, Publisher, retry_delay
from headshot.reconcile import Summary, reconcile
from tests.unit.fakes import MemoryProvider, MemoryQueue, MemoryRecords
from tests.unit.test_stores import RECORD

ERASED_URL = "https://photos.example.com/photos/_default.jpg"
NEWER = replace(RECORD, url="https://photos.example.com/photos/ada/newer.jpg", version="newer", s3_version_id="s3-2")


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
    assert (published.state, published.attempts, published.error) == ("published", 1, None)


@pytest.mark.parametrize(("erased_url", "held"), [(ERASED_URL, {"ada": ERASED_URL}), (None, {})])
def test_of_an_erased_person_the_neutral_picture_or_nothing_is_handed_over(erased_url, held):
    provider = MemoryProvider({"ada": RECORD.url})
    Publisher(MemoryRecords(), provider, erased_url).publish("ada")
    assert provider.held == held


def test_an_erased_person_whom_the_identity_provider_does_not_know_either_is_done():
    provider = MemoryProvider(error=UnknownUserError("nobody"))
    Publisher(MemoryRecords(), provider, ERASED_URL).publish("ada")
    assert provider.held == {}


def test_nobody_is_called_default(records):
    records.items[urls.DEFAULT_USER] = replace(RECORD, user_id=urls.DEFAULT_USER)
    provider = MemoryProvider()
    Publisher(records, provider, ERASED_URL).publish(urls.DEFAULT_USER)
    assert provider.calls == []


LONG_AGO = GIVE_UP_AFTER + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("error", "age", "raised", "state"),
    [
        (TransientError("down"), timedelta(), TransientError, "retrying"),
        (TransientError("down"), LONG_AGO, PermanentError, "failed"),
        (PermanentError("no attribute"), timedelta(), PermanentError, "failed"),
        (UnknownUserError("nobody"), timedelta(), UnknownUserError, "failed"),
    ],
)
def test_a_failure_is_written_into_the_record_and_counted(records, error, age, raised, state):
    provider = MemoryProvider(error=error)
    publisher = Publisher(records, provider, ERASED_URL)
    for attempts in (1, 2):
        with pytest.raises(raised, match=str(error)):
            publisher.publish("ada", age=age)
        published = records.items["ada"].published
        assert (published.state, published.attempts, published.error) == (state, attempts, str(error))
    provider.error = None
    publisher.publish("ada")
    published = records.items["ada"].published
    assert (published.state, published.attempts, published.error) == ("published", 3, None)


@pytest.mark.parametrize("repairs", [False, True])
def test_an_unexpected_error_is_marked_retried_a_few_times_and_keeps_its_message_to_itself(records, repairs):
    publisher = Publisher(records, MemoryProvider(error=ValueError("Invalid header value b'SSWS known'")), ERASED_URL)
    call = partial(publisher.repair, RECORD) if repairs else partial(publisher.publish, "ada", 4)
    with pytest.raises(UnexpectedError) as unexpected:
        call()
    with pytest.raises(PermanentError) as failed:
        publisher.publish("ada", tries=5)
    published = records.items["ada"].published
    assert (published.state, published.error) == ("failed", str(unexpected.value))
    for error in (unexpected.value, failed.value):
        assert "ValueError" in str(error)
        assert "known" not in "".join(traceback.format_exception(error))


STEPS = ["records.find", "provider.set", "provider.was set", "records.mark"]


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
            change = changes.pop(0)
            records.items.pop("ada", None)
            if change:
                records.items["ada"] = change
            publisher.publish("ada")

    records = MemoryRecords(interrupt)
    provider = MemoryProvider(before=interrupt)
    if not starts_erased:
        records.items["ada"] = RECORD
    publisher = Publisher(records, provider, ERASED_URL)
    publisher.publish("ada")
    last = records.items.get("ada")
    assert provider.held["ada"] == (last.url if last else ERASED_URL)
    assert last is None or (last.published and last.published.state == "published")


def test_a_photo_that_changes_all_the_while_is_left_for_later(records):
    numbers = iter(range(100))

    def change(step):
        if step == "provider.set":
            records.items["ada"] = replace(RECORD, s3_version_id=f"s3-{next(numbers)}")

    with pytest.raises(TransientError):
        Publisher(records, MemoryProvider(before=change), ERASED_URL).publish("ada")


def test_delays_grow_and_are_never_shorter_than_asked():
    delays = [retry_delay(tries, None) for tries in range(1, 30)]
    assert delays[0] >= 2
    assert delays[5] > delays[0]
    assert max(delays) <= 1200 * 1.2
    assert retry_delay(1, 90) >= 90
    assert retry_delay(20, 90) >= 1200
    assert GIVE_UP_AFTER.days == 1


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
        record.published.state == "published" for record in people.values()
    )


def test_reconciling_repairs_what_differs_and_leaves_alone_what_does_not(crowd):
    records, provider = crowd
    publisher, queue = Publisher(records, provider, ERASED_URL), MemoryQueue()
    summary = reconcile(publisher, queue, Summary(), None, lambda: True)
    assert summary == (Summary(right=20, repaired=40), None)
    assert all_right(records, provider)
    assert sorted(user_id for name, user_id in provider.calls if name == "set") == sorted(
        name for name in records.items if name != urls.DEFAULT_USER and int(name.removeprefix("user")) % 3 != 1
    )
    assert reconcile(publisher, queue, Summary(), None, lambda: True) == (Summary(right=60), None)


def test_reconciling_goes_on_where_it_stopped(crowd):
    records, provider = crowd
    publisher, queue = Publisher(records, provider, ERASED_URL), MemoryQueue()
    summary, start_after, runs = Summary(), None, 0
    while runs == 0 or start_after:
        summary, start_after = reconcile(publisher, queue, summary, start_after, lambda: False)
        runs += 1
    assert runs == 3
    assert summary == Summary(right=20, repaired=40)
    assert all_right(records, provider)


def test_reconciling_counts_what_fails_and_queues_what_may_pass(crowd):
    records, provider = crowd
    publisher, queue = Publisher(records, provider, ERASED_URL), MemoryQueue()
    provider.errors = {
        "user00": PermanentError("no"),
        "user01": TransientError("down"),
        "user02": TransientError("limit", 3600),
    }
    summary, _ = reconcile(publisher, queue, Summary(), None, lambda: True)
    assert summary == Summary(right=19, repaired=38, failed=1, queued=2)
    assert sorted(queue.user_ids) == ["user01", "user02"]
    assert records.items["user00"].published.error == "no"


def test_reconciling_waits_for_a_short_rate_limit(crowd):
    records, provider = crowd
    publisher, queue = Publisher(records, provider, ERASED_URL), MemoryQueue()
    limits = {"user05": [TransientError("limit", 0.01)] * 2}
    provider.once = limits
    summary, _ = reconcile(publisher, queue, Summary(), None, lambda: True)
    assert summary == Summary(right=20, repaired=40)
    assert limits["user05"] == []
