"""More people take more time, but no more memory than a page of them."""

import gc
import tracemalloc
from unittest.mock import Mock

import pytest

from headshot.identity.errors import PermanentError
from headshot.reconcile import Summary, reconcile
from tests import crowd
from tests.crowd import publisher
from tests.growing import WORK

SMALL, LARGE = 200, 1500

# Bytes for each further person: a record takes some 2,000. Free lists of Python take 240 up to a limit, and `status`
# keeps a key, since DynamoDB and S3 list people in different orders.
ALLOWED = 500


def peak(work, people):
    gc.collect()
    tracemalloc.start()
    try:
        work(people)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", WORK)
def test_memory_does_not_grow_with_the_number_of_people(name, monkeypatch):
    monkeypatch.setattr(crowd, "PAGE", SMALL // 2)
    WORK[name](SMALL)  # so that imports and caches do not count
    grown = peak(WORK[name], LARGE) - peak(WORK[name], SMALL)
    assert grown / (LARGE - SMALL) < ALLOWED


def test_reconcile_keeps_a_hundred_failures_however_many_there_are(monkeypatch):
    monkeypatch.setenv("STACK_NAME", "crowd")
    run = reconcile(publisher(150, PermanentError("It rejects.")), Mock(), Summary(), None, lambda: True)
    assert (run.summary.failed, len(run.failures)) == (150, 100)
