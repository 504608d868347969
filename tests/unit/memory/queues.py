from collections.abc import Iterable

from headshot.stores.dead_letter_queue import DeadLetter, DeadLetterQueue
from headshot.stores.ingest_queue import IngestQueue
from headshot.stores.publish_queue import PublishQueue


class MemoryQueue(PublishQueue):
    """The queue of publish, for reconcile."""

    def __init__(self) -> None:
        self.user_ids: list[str] = []
        self.correlation_ids: list[str | None] = []

    def add(self, user_id: str, correlation_id: str | None = None) -> None:
        self.user_ids.append(user_id)
        self.correlation_ids.append(correlation_id)


class MemoryIngestQueue(IngestQueue):
    """The queue of ingest, for the sweep: `names` were added, `waiting` is how many messages there were before."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.waiting = 0

    def add(self, name: str) -> None:
        self.names.append(name)

    def is_empty(self) -> bool:
        return not self.waiting


class MemoryDeadLetters(DeadLetterQueue):
    """A dead-letter queue: `bodies` are visible, `hidden` were received and neither deleted nor released."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self.hidden: list[str] = []

    def receive(self) -> list[DeadLetter]:
        self.hidden, self.bodies = self.bodies, []
        return [DeadLetter(body, body) for body in self.hidden]

    def delete(self, dead_letter: DeadLetter) -> None:
        self.hidden.remove(dead_letter.body)

    def release(self, dead_letters: Iterable[DeadLetter]) -> None:
        for dead_letter in dead_letters:
            self.hidden.remove(dead_letter.body)
            self.bodies.append(dead_letter.body)
