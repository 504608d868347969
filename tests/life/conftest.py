"""A stack of its own: these tests delete its table and its bucket."""

import pytest

from local import portrait
from tests.cli.conftest import headshot
from tests.stack.conftest import _loopback, rig, stranger, uploader

__all__ = ["_loopback", "headshot", "rig", "stranger", "uploader"]


@pytest.fixture
def people(uploader):
    """Two people with photos, by user id with their records, and one who was erased."""
    records = {}
    for name in ("Ada Lovelace", "Grace Hopper", "Mary Allen"):
        user_id = name.lower().replace(" ", ".")
        uploader.upload(user_id, portrait.jpeg(name, (128, 128)))
        records[user_id] = uploader.record(user_id).json()
    uploader.erase("mary.allen")
    del records["mary.allen"]
    yield records
    for user_id in records:
        uploader.erase(user_id)
