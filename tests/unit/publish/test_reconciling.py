"""Reconciling repairs differences, leaves everything else alone, and can be continued."""

from dataclasses import replace
from unittest.mock import ANY

import pytest

from headshot import urls
from headshot.identity.errors import PermanentError, TransientError, UnknownUserError
from headshot.publish import Publisher
from headshot.reconcile import Failure, Run, Summary, reconcile
from headshot.record import Published
from tests.unit.examples import FAILED, PUBLISHED, RECORD, TOMBSTONE
from tests.unit.memory import MemoryProvider, MemoryQueue
from tests.unit.publish.samples import ERASED_URL


def all_published(records, provider):
    users = {name: record for name, record in records.items.items() if name != urls.DEFAULT_USER}
    return provider.held == {name: record.url for name, record in users.items()} and all(
        record.published.status == "published" for record in users.values()
    )


def test_only_differences_are_repaired(crowd):
    records, provider = crowd
    publisher, queue = Publisher(records, provider, ERASED_URL), MemoryQueue()
    run = reconcile(publisher, queue, Summary(), None, lambda: True)
    assert run == Run(Summary(unchanged=20, repaired=40), None, [])
    assert all_published(records, provider)
    assert sorted(user_id for name, user_id in provider.calls if name == "set") == sorted(
        name for name in records.items if name != urls.DEFAULT_USER and int(name.removeprefix("user")) % 3 != 1
    )
    assert reconcile(publisher, queue, Summary(), None, lambda: True) == Run(Summary(unchanged=60), None, [])


def test_erasures_are_retried(crowd):
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
    assert "user03" not in records.left
    assert records.items["user04"].published == Published("failed", ANY, FAILED.attempts + 1, "not allowed")


def test_identity_ids_are_stored(crowd):
    records, provider = crowd
    provider.ids["user01"] = "00u1"
    provider.held["00u1"] = records.items["user01"].url
    records.items["user01"] = replace(records.items["user01"], published=PUBLISHED)
    reconcile(Publisher(records, provider, ERASED_URL), MemoryQueue(), Summary(), None, lambda: True)
    assert records.items["user01"].identity_id == "00u1"


def test_a_run_continues_where_the_last_one_stopped(crowd):
    records, provider = crowd
    publisher, queue = Publisher(records, provider, ERASED_URL), MemoryQueue()
    summary, start_after, runs = Summary(), None, 0
    while runs == 0 or start_after:
        run = reconcile(publisher, queue, summary, start_after, lambda: False)
        summary, start_after = run.summary, run.start_after
        runs += 1
    assert runs == 3
    assert summary == Summary(unchanged=20, repaired=40)
    assert all_published(records, provider)


def test_a_photo_copied_from_another_user_is_repaired(records):
    """The two are different users of the identity provider; somebody copied the attribute."""
    provider = MemoryProvider()
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
def test_daily_runs_do_not_wait_for_an_account_forever(records, status):
    """A message waits for a day. With a new message every day, the missing account would never be reported."""
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
