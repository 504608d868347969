"""Publishing is counted, and how long it takes is measured."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from headshot import clock
from headshot.identity.errors import PermanentError, TransientError
from headshot.publish import Publisher
from headshot.record import Published
from tests.unit.examples import RECORD, TOMBSTONE
from tests.unit.memory import MemoryProvider


@pytest.fixture
def measured(capfd, records):
    """Publish or repair Ada's entry, and return the metrics of that with their values and dimensions."""

    def call(entry, method="publish", error=None):
        records.items["ada"] = entry
        publisher = Publisher(records, MemoryProvider(error=error), None)
        capfd.readouterr()
        with suppress(PermanentError, TransientError):
            publisher.repair(entry) if method == "repair" else publisher.publish("ada")
        lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
        found = {}
        for line in lines:
            [emf] = line["_aws"]["CloudWatchMetrics"]
            [metric] = emf["Metrics"]
            assert (emf["Namespace"], line["Stack"]) == ("Headshot", "headshot")
            [dimensions] = emf["Dimensions"]
            found[metric["Name"], *dimensions] = (*line[metric["Name"]], metric["Unit"])
        return found

    return call


PUBLISHED = {("Published", "Stack"): (1, "Count"), ("Published", "Stack", "IdentityProvider"): (1, "Count")}
FAILED = {("PublishFailed", "Stack"): (1, "Count"), ("PublishFailed", "Stack", "IdentityProvider"): (1, "Count")}


def aged(minutes, published=None):
    return replace(RECORD, updated=clock.rfc3339(datetime.now(UTC) - timedelta(minutes=minutes)), published=published)


@pytest.mark.parametrize("published", [None, Published("retrying", "2026", 1, "down"), Published("failed", "2026", 1)])
def test_the_lag_is_the_time_from_the_upload_to_the_confirmation(measured, published):
    found = measured(aged(10, published))
    lag, unit = found.pop(("PublishLag", "Stack"))
    assert found == PUBLISHED
    assert lag >= 600
    assert unit == "Seconds"


@pytest.mark.parametrize("status", ["published", "waiting"])
def test_a_repair_and_the_wait_for_an_account_have_no_lag(measured, status):
    assert measured(aged(10, Published(status, "2026", 1))) == PUBLISHED


def test_an_erasure_is_not_counted_as_a_published_photo(measured):
    assert measured(TOMBSTONE) == {}


def test_permanent_failures_are_counted_and_transient_ones_are_not(measured):
    assert measured(RECORD, error=PermanentError("no such attribute")) == FAILED
    assert measured(RECORD, error=TransientError("down")) == {}
    assert measured(RECORD, "repair", PermanentError("no such attribute")) == FAILED


def test_clocks_that_differ_give_no_negative_lag():
    assert clock.seconds_since(clock.rfc3339(datetime.now(UTC) + timedelta(minutes=1))) == 0
