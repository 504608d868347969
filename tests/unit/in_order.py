"""Runs what set_photo does at once in one thread, so that tests choose the order and count the calls that take time."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any

import pytest


class InOrder(Executor):
    """Runs what was submitted when its `with` block ends, in the order of `ranks`: the lowest runs first."""

    def __init__(self, ranks: Sequence[int]) -> None:
        self._ranks = ranks
        self._submitted: list[Callable[[], None]] = []

    def submit(self, call: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()

        def run() -> None:
            try:
                future.set_result(call(*arguments, **named))
            except Exception as error:  # noqa: BLE001  as an executor does
                future.set_exception(error)

        self._submitted.append(run)
        return future

    def shutdown(self, *_options: Any, **_named: Any) -> None:
        for _, run in sorted(zip(self._ranks, self._submitted, strict=False), key=lambda item: item[0]):
            self.run(run)

    def run(self, call: Callable[[], None]) -> None:
        """Run one call."""
        call()


@contextmanager
def in_order(ranks: Sequence[int]) -> Iterator[None]:
    """Have set_photo run in one thread what it does at once, by these ranks: one for each call."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("headshot.set_photo.ThreadPoolExecutor", lambda: InOrder(ranks))
        yield


class Rounds(InOrder):
    """Counts how many store calls take place one after another: those that run at once take as long as the longest.

    An instance is the hook before each store call, and the executor of set_photo.
    """

    def __init__(self) -> None:
        super().__init__(range(9))
        self.now = 0
        self.calls = 0

    def __call__(self, step: str) -> None:
        requests = 2 if step == "photos.supersede" else 1  # a copy, then a deletion
        self.now += requests
        self.calls += requests

    def shutdown(self, *_options: Any, **_named: Any) -> None:
        self._began = self._ended = self.now
        super().shutdown()
        self.now = self._ended
        self._submitted.clear()

    def run(self, call: Callable[[], None]) -> None:
        self.now = self._began
        call()
        self._ended = max(self._ended, self.now)
