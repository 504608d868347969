"""What one file costs, measured in a process of its own."""

import multiprocessing
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from headshot import imaging
from tests import pictures


@dataclass(frozen=True, slots=True)
class Cost:
    """What became of a file, the CPU seconds it took, and the process's peak memory before and after, in megabytes."""

    outcome: str
    seconds: float
    before_mb: int
    peak_mb: int


def cost(data: bytes) -> Cost:
    """Give what `imaging` takes for one file. A process that dies over it ends in EOFError."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_one_file, args=(sender, data))
    process.start()
    sender.close()
    found: Cost = receiver.recv()
    process.join()
    return found


def _one_file(sender: Connection, data: bytes) -> None:
    imaging.normalise(pictures.plain())  # loads what the libraries load when they are first used
    before = _peak_mb()
    started = time.process_time()
    try:
        imaging.normalise(data, max_bytes=25_000_000)  # as for the drop box
        outcome = "accepted"
    except imaging.ImageError as error:
        outcome = error.code
    sender.send(Cost(outcome, time.process_time() - started, before, _peak_mb()))


def _peak_mb() -> int:
    """Read the peak from the kernel: getrusage's survives from before the process became its own (proc(5), VmHWM)."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024
