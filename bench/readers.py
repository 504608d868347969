"""Reads a photo from the local stack with more and more clients at once: part of `make load`."""

import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path

import urllib3

from bench.load import Target
from bench.report import table
from headshot_cli.http import connection
from local import portrait, stack
from local.emulator import Emulator
from tests.stack.conftest import free_port

CLIENTS = [1, 2, 4, 8, 16, 32]
REQUESTS = 320  # by all clients together


def read(target: Target, photo: str, clients: int) -> list[str]:
    """Read a photo with so many clients at once, and return a row of the table.

    Reads that find no free function are answered 503, as on AWS. They count as refused, and not in the other figures.
    """
    url, host = connection(photo)
    pool = urllib3.PoolManager(maxsize=clients)

    def one(_number: int) -> float | None:
        start = time.perf_counter()
        response = pool.request("GET", url, headers={"Host": host}, retries=False)
        return time.perf_counter() - start if response.status == HTTPStatus.OK else None

    before, start = target.work(), time.perf_counter()
    with ThreadPoolExecutor(clients) as threads:
        found = list(threads.map(one, range(REQUESTS)))
    seconds, after = time.perf_counter() - start, target.work()
    times = sorted(taken for taken in found if taken is not None)
    used = after.functions + after.emulator - before.functions - before.emulator
    median, slow = statistics.median(times), times[len(times) * 95 // 100]
    figures = [len(times) / seconds, 1000 * used / len(times), 1000 * median, 1000 * slow, REQUESTS - len(times)]
    return [f"{clients} at once", *(f"{figure:.0f}" for figure in figures)]


def put(emulator: Emulator, folder: Path) -> str:
    """Set somebody's photo, and return its URL."""
    file = folder / "face.jpg"
    file.write_bytes(portrait.jpeg("reader"))
    run = [sys.executable, "-m", "headshot_cli", "put", "reader", str(file)]
    return subprocess.run(run, env=emulator.environment, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def main() -> None:
    """Read with every number of clients."""
    with tempfile.TemporaryDirectory() as home:
        emulator = Emulator(free_port(), Path(home))
        with emulator.running() as process:
            limit = str(100 * max(CLIENTS))  # so that the CPUs are the limit
            stack.deploy(emulator, {"ThrottleRate": limit, "ThrottleBurst": limit})
            target, photo = Target(emulator, process.pid), put(emulator, Path(home))
            read(target, photo, max(CLIENTS))  # starts the functions
            rows = [read(target, photo, clients) for clients in CLIENTS]
    head = ["", "reads/s", "ms of CPU time for each", "median ms", "95 of 100 within ms", "refused"]
    table(f"{REQUESTS} GET of a photo by 1 to {max(CLIENTS)} clients at once", head, rows)


if __name__ == "__main__":
    main()
