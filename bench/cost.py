"""Measures what one file costs, in a process of its own."""

import multiprocessing
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from headshot import imaging
from tests import pictures


@dataclass(frozen=True, slots=True)
class Cost:
    """The result for a file, its CPU seconds, and the process's peak memory before and after it, in megabytes.

    `result` is "accepted", or the code of the error.
    """

    result: str
    seconds: float
    before_mb: int
    peak_mb: int


def cost(data: bytes) -> Cost:
    """Return what `imaging` takes for one file. Raise EOFError if its process dies."""
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_one_file, args=(sender, data))
    process.start()
    sender.close()
    found: Cost = receiver.recv()
    process.join()
    return found


def _one_file(sender: Connection, data: bytes) -> None:
    imaging.normalise(pictures.plain())  # so that the libraries have loaded everything
    before = peak_mb()
    started = time.process_time()
    try:
        imaging.normalise(data, max_bytes=25_000_000)  # the limit of the drop box
        result = "accepted"
    except imaging.ImageError as error:
        result = error.code
    sender.send(Cost(result, time.process_time() - started, before, peak_mb()))


def peak_mb() -> int:
    """Return the peak memory of this process (proc(5), VmHWM). That of getrusage includes the parent before exec."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024
