"""A failure of one user does not stop a run; an error that concerns every user does."""

from dataclasses import replace

from headshot import urls
from headshot.identity.errors import ConfigurationError, PermanentError, TransientError
from headshot.publish import Publisher
from headshot.reconcile import Failure, Run, Summary, reconcile
from tests.unit.examples import RECORD
from tests.unit.memory import MemoryProvider, MemoryQueue, MemoryRecords
from tests.unit.publish.samples import ERASED_URL


def test_permanent_failures_are_listed_and_transient_ones_are_queued(crowd):
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


def test_a_run_waits_for_a_short_rate_limit(crowd):
    records, provider = crowd
    publisher, queue = Publisher(records, provider, ERASED_URL), MemoryQueue()
    limits = {"user05": [TransientError("limit", 0.01)] * 2}
    provider.once = limits
    run = reconcile(publisher, queue, Summary(), None, lambda: True)
    assert run.summary == Summary(unchanged=20, repaired=40)
    assert limits["user05"] == []


def test_at_most_100_failures_are_listed(crowd):
    records, provider = crowd
    for number in range(60, 140):
        records.items[f"user{number}"] = replace(RECORD, user_id=f"user{number}")
    provider.error = PermanentError("no attribute")
    run = reconcile(Publisher(records, provider, ERASED_URL), MemoryQueue(), Summary(), None, lambda: True)
    assert run.summary == Summary(failed=140)
    assert len(run.failures) == 100
    assert {failure.error for failure in run.failures} == {"no attribute"}


def test_an_error_that_concerns_every_user_stops_the_run_and_it_can_be_continued(crowd):
    records, provider = crowd
    publisher, queue = Publisher(records, provider, ERASED_URL), MemoryQueue()
    provider.errors = {f"user{number:02}": ConfigurationError("wrong secret") for number in range(24, 60)}
    stopped = reconcile(publisher, queue, Summary(), None, lambda: True)
    assert stopped.error == "wrong secret"
    assert stopped.start_after == sorted(records.items)[24]
    provider.errors = {}
    run = reconcile(publisher, queue, stopped.summary, stopped.start_after, lambda: True)
    assert (run.error, run.start_after) == (None, None)
    users = [name for name in records.items if name != urls.DEFAULT_USER]
    assert all(provider.held[name] == records.items[name].url for name in users)


def test_a_user_outside_the_admin_role_does_not_stop_the_run(crowd):
    records, provider = crowd
    provider.errors = {"user07": ConfigurationError("403: not covered")}
    queue = MemoryQueue()
    run = reconcile(Publisher(records, provider, ERASED_URL), queue, Summary(), None, lambda: True)
    assert (run.error, run.summary.queued, queue.user_ids) == (None, 1, ["user07"])


def test_two_user_ids_for_one_account_fail_instead_of_being_repaired_forever():
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


def test_an_unreadable_record_does_not_stop_the_run(crowd):
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
