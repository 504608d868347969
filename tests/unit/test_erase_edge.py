"""Erasing a person whose photo is at the edge."""

from typing import Any

import pytest

from headshot.erase import Eraser
from headshot.problems import StoreUnavailable
from headshot.set_photo import NewPhoto, set_photo
from headshot.stores.edge import Edge
from tests import pictures
from tests.unit.memory import MemoryErasable, MemoryPhotos, MemoryRecords


class MemoryEdge(Edge):
    """Notes what was in S3 when each user was invalidated, and fails as often as `failures` says."""

    def __init__(self, photos: MemoryPhotos, failures: int = 0) -> None:
        self.photos, self.failures = photos, failures
        self.invalidated: list[tuple[str, int]] = []

    def invalidate(self, user_id: str) -> None:
        if self.failures:
            self.failures -= 1
            raise StoreUnavailable("The edge cache")
        self.invalidated.append((user_id, len(self.photos.versions)))


def rig(failures=0):
    photos, records, files = MemoryPhotos(), MemoryRecords(), MemoryErasable()
    set_photo(photos, records, NewPhoto("ada", pictures.plain("teal"), "https://photos.example.com", "admin"))
    edge = MemoryEdge(photos, failures)
    others: Any = files
    return edge, Eraser(others, others, photos, records, edge)


def test_the_edge_is_invalidated_once_s3_has_no_photo_left():
    """Before that, CloudFront could fetch the photo again right after the invalidation."""
    edge, eraser = rig()
    assert eraser.erase("ada").photos == 1
    assert edge.invalidated == [("ada", 0)]


def test_an_erasure_that_fails_at_the_edge_is_no_success_and_can_be_repeated():
    edge, eraser = rig(failures=1)
    with pytest.raises(StoreUnavailable):
        eraser.erase("ada")
    receipt = eraser.erase("ada")
    assert (receipt.photos, edge.invalidated) == (0, [("ada", 0)])
