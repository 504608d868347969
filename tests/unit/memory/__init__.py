"""Stores that keep everything in memory.

Before each step, they call `before` with its name, so that tests can let it fail or take turns.
"""

from tests.unit.memory.dropbox import MemoryDropBox, MemoryErasable, MemoryUploads
from tests.unit.memory.inventory import MemoryInventory
from tests.unit.memory.photos import MemoryPhotos
from tests.unit.memory.provider import MemoryProvider
from tests.unit.memory.queues import MemoryDeadLetters, MemoryIngestQueue, MemoryQueue
from tests.unit.memory.reader import MemoryReader
from tests.unit.memory.records import MemoryRecords
from tests.unit.memory.steps import fail_at

__all__ = [
    "MemoryDeadLetters",
    "MemoryDropBox",
    "MemoryErasable",
    "MemoryIngestQueue",
    "MemoryInventory",
    "MemoryPhotos",
    "MemoryProvider",
    "MemoryQueue",
    "MemoryReader",
    "MemoryRecords",
    "MemoryUploads",
    "fail_at",
]
