"""Prints how time and memory of the commands, reconcile and the sweep grow with the number of people: `make load`."""

import multiprocessing
import time
from multiprocessing.connection import Connection

from bench.cost import peak_mb
from bench.report import table
from tests.growing import WORK

PEOPLE = [1_000, 10_000, 100_000]
WARM = 2_000  # people, before the figures are taken, so that imports and caches do not count


def measure(name: str, people: int) -> tuple[float, int]:
    """Return the CPU seconds of a command for so many people, and the megabytes that it needs over the interpreter."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(sender, name, people))
    process.start()
    sender.close()
    found: tuple[float, int] = receiver.recv()
    process.join()
    return found


def _work(sender: Connection, name: str, people: int) -> None:
    WORK[name](WARM)
    before, start = peak_mb(), time.process_time()
    WORK[name](people)
    sender.send((time.process_time() - start, peak_mb() - before))


def main() -> None:
    """Measure every command at every size."""
    rows = []
    for name in WORK:
        found = [measure(name, people) for people in PEOPLE]
        each = [1_000_000 * seconds / people for (seconds, _), people in zip(found, PEOPLE, strict=True)]
        rows.append(
            [name, *(f"{cost:.0f}" for cost in each), f"{each[-1] / each[0]:.2f}", *(str(mb) for _, mb in found)]
        )
    sizes = [f"{people:,}" for people in PEOPLE]
    ratio = f"{sizes[-1]} ÷ {sizes[0]}"
    table(
        "Microseconds of CPU time for each person, and peak MB above that with 2,000",
        ["people", *sizes, ratio, *(f"MB at {size}" for size in sizes)],
        rows,
    )


if __name__ == "__main__":
    main()
