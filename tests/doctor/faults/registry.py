"""The list of faults: functions that yield while the fault is there."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Fault:
    """A fault, the link that it breaks, and words of the sentence about it."""

    seed: Callable[..., Any]
    link: str
    words: tuple[str, ...]


FAULTS: dict[str, Fault] = {}


def fault(link, *words):
    """Register a fault under its function's name. The function gets the patient and pytest's `monkeypatch`."""

    def register(seed):
        FAULTS[seed.__name__] = Fault(contextmanager(seed), link, words)
        return seed

    return register
