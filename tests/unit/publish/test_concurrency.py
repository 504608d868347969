"""Whatever else happens at the same time, the identity provider ends up with the newest URL."""

from dataclasses import replace

import pytest

from headshot.identity.errors import TransientError, UnknownUserError
from headshot.publish import Publisher
from headshot.record import Record
from tests.unit.examples import RECORD, TOMBSTONE
from tests.unit.memory import MemoryProvider, MemoryRecords
from tests.unit.memory.records import EXPIRY
from tests.unit.publish.samples import ERASED_URL, NEWER

STEPS = [
    "records.entry",
    "provider.find",
    "provider.set",
    "provider.was set",
    "records.mark",
    "records.confirm_erasure",
]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("inner_step", [*STEPS, None])
@pytest.mark.parametrize("erases", [False, True])
@pytest.mark.parametrize("starts_erased", [False, True])
def test_an_older_url_never_overwrites_a_newer_one(step, inner_step, erases, starts_erased):
    """At any step of one delivery, the photo changes and a second delivery publishes the change. At any step of that,
    the photo changes once more and a third delivery publishes it.
    """
    changes = [RECORD, NEWER] if starts_erased else [NEWER, None if erases else replace(NEWER, s3_version_id="s3-3")]
    plan = [step, inner_step]

    def interrupt(found):
        if plan and found == plan[0]:
            plan.pop(0)
            change(changes.pop(0))
            publisher.publish("ada")

    def change(record):
        current = records.items.get("ada")
        if record:
            records.items["ada"] = replace(record, identity_id=current.identity_id if current else None)
        elif isinstance(current, Record):
            records._before, before = lambda _step: None, records._before
            records.erase_if_current(current)
            records._before = before

    records = MemoryRecords(interrupt, tombstones=True)
    provider = MemoryProvider(before=interrupt)
    provider.ids["ada"] = "00u1"
    records.items["ada"] = replace(TOMBSTONE, identity_id=None) if starts_erased else RECORD
    publisher = Publisher(records, provider, ERASED_URL)
    publisher.publish("ada")
    last = records.left.get("ada")
    assert provider.held["00u1"] == (last.url if last else ERASED_URL)
    assert last is None or (last.published and last.published.status == "published")


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_delivery_that_writes_after_a_confirmed_erasure_undoes_it(records, is_kept):
    """It uses the identity id: the tombstone has none by then, and the name may have changed."""

    def erase(step):
        if step == "provider.was set" and records.find("ada"):
            records.items.pop("ada")
            if is_kept:
                records.items["ada"] = confirmed
            provider.errors["ada"] = UnknownUserError("nobody")

    confirmed = replace(TOMBSTONE, identity_id=None, expires_at=EXPIRY)
    provider = MemoryProvider(before=erase)
    provider.ids["ada"] = "00u1"
    Publisher(records, provider, ERASED_URL).publish("ada")
    assert provider.held == {"00u1": ERASED_URL}
    assert records.items == ({"ada": confirmed} if is_kept else {})


def test_a_photo_that_keeps_changing_is_retried_later(records):
    numbers = iter(range(100))

    def change(step):
        if step == "provider.set":
            records.items["ada"] = replace(RECORD, s3_version_id=f"s3-{next(numbers)}")

    with pytest.raises(TransientError, match="kept changing"):
        Publisher(records, MemoryProvider(before=change), ERASED_URL).publish("ada")
