"""An upload at the same time as another upload or an erasure: in any order, nothing is left half done."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headshot.record import Tombstone
from headshot.set_photo import set_photo
from tests import pictures
from tests.unit.in_order import in_order
from tests.unit.memory import MemoryPhotos, MemoryRecords
from tests.unit.test_set_photo import PINK, TEAL, erase, upload
from tests.unit.turns import Turns

# In which order the three calls at the end of an upload happen to reach the stores.
ORDERS = list(itertools.permutations(range(3)))


def interleave(schedule, other, order, *, known, tombstones=False):
    """Run an upload and another call at the same time, and check that any record points to the only photo.

    What an upload does at once takes place in this order.
    """
    photos, records = MemoryPhotos(), MemoryRecords(tombstones=tombstones)
    if known:
        set_photo(photos, records, upload(pictures.plain("olive")))
    turns = Turns(schedule, [lambda: set_photo(photos, records, upload(TEAL)), lambda: other(photos, records)])
    photos._before = records._before = turns
    with in_order(order):
        turns.run()
    photos._before = records._before = lambda _step: None
    record = records.find("ada")
    current = [key[2:] for key in photos.versions if key[0] == "photos"]
    assert current == ([(record.version, record.s3_version_id)] if record else [])
    return record or records.left.get("ada")


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(0, 1), min_size=12, max_size=16),
    st.sampled_from([TEAL, PINK]),
    st.sampled_from(ORDERS),
    st.booleans(),
)
def test_of_two_simultaneous_uploads_one_is_kept(schedule, image, order, known):
    assert interleave(schedule, lambda photos, records: set_photo(photos, records, upload(image)), order, known=known)


@pytest.mark.parametrize("tombstones", [True, False])
@pytest.mark.parametrize("known", [True, False])
def test_a_simultaneous_upload_and_erasure_leave_no_record_without_a_photo(known, tombstones):
    for erasing, order in itertools.product(itertools.combinations(range(10), 4), ORDERS):
        schedule = [int(step in erasing) for step in range(10)]
        left = interleave(schedule, erase, order, known=known, tombstones=tombstones)
        assert tombstones or not isinstance(left, Tombstone)
        assert left or not (tombstones and known), "the identity provider would not learn of the erasure"
