"""Runs threads in an order that a test chooses, one store call at a time."""

import threading
from collections.abc import Callable

from headshot.problems import Problem


class Turns:
    """Runs threads one store call at a time, in the order of a schedule."""

    def __init__(self, schedule: list[int], actors: list[Callable[[], object]]) -> None:
        self._schedule, self._waiting = schedule, threading.Condition()
        self._alive = dict(enumerate(actors))
        self._arrived: set[int] = set()
        self._turn: int | None = None
        self._step = 0
        self._local = threading.local()

    def __call__(self, _step: str) -> None:
        if not hasattr(self._local, "actor"):
            return
        with self._waiting:
            self._arrived.add(self._local.actor)
            self._pass_on()
            assert self._waiting.wait_for(lambda: self._turn == self._local.actor, timeout=10)
            self._turn = None
            self._arrived.discard(self._local.actor)

    def _pass_on(self) -> None:
        """Choose the next thread by the schedule, once all threads that still run are waiting."""
        if self._turn is None and self._arrived and self._arrived == self._alive.keys():
            candidates = sorted(self._arrived)
            self._turn = candidates[self._schedule[self._step % len(self._schedule)] % len(candidates)]
            self._step += 1
            self._waiting.notify_all()

    def run(self) -> None:
        threads = [threading.Thread(target=self._act, args=item) for item in self._alive.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()

    def _act(self, actor: int, action: Callable[[], object]) -> None:
        self._local.actor = actor
        try:
            action()
        except Problem:
            pass
        finally:
            with self._waiting:
                del self._alive[actor]
                self._pass_on()
