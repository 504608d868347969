from dataclasses import replace

import pytest

from headshot import urls
from tests.unit.examples import RECORD
from tests.unit.memory import MemoryProvider, MemoryRecords


@pytest.fixture
def records():
    """A table with one record."""
    records = MemoryRecords()
    records.items["ada"] = RECORD
    return records


@pytest.fixture
def crowd():
    """Records and identity provider of 60 users, and the default picture's record.

    The identity provider has the current URL of 20 users, an old URL of 20 others, and none of the rest.
    """
    records, provider = MemoryRecords(), MemoryProvider()
    for number in range(60):
        name = f"user{number:02}"
        records.items[name] = replace(RECORD, user_id=name, url=f"https://photos.example.com/{name}.jpg")
        if number % 3 < 2:
            provider.held[name] = records.items[name].url if number % 3 else "https://photos.example.com/old.jpg"
    records.items[urls.DEFAULT_USER] = replace(RECORD, user_id=urls.DEFAULT_USER)
    return records, provider
