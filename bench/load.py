"""Times how long a whole organisation takes through the drop box and the command, on this machine: `make load`."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.report import table
from local import portrait, stack
from local.emulator import Emulator
from tests.awaiting import eventually
from tests.stack.conftest import free_port

SIZE = 1200, 1600  # pixels, as photographers deliver portraits
FACES = 50  # different portraits, shared by everyone


@dataclass(frozen=True, slots=True)
class Work:
    """CPU seconds of the functions, of the emulator, and of the sender of the pictures."""

    functions: float
    emulator: float
    sender: float


@dataclass(frozen=True, slots=True)
class Target:
    """The stack under load, and the process group of its emulator."""

    emulator: Emulator
    process_group: int

    def work(self) -> Work:
        """Return the CPU seconds used until now (proc(5), /proc/pid/stat)."""
        ticks = {True: 0, False: 0}
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # it has ended in the meantime
                fields = (process / "stat").read_text().rpartition(")")[2].split()
                if int(fields[2]) == self.process_group:
                    ticks[b"_worker.py" in (process / "cmdline").read_bytes()] += int(fields[11]) + int(fields[12])
        here, second = os.times(), os.sysconf("SC_CLK_TCK")
        sender = here.user + here.system + here.children_user + here.children_system
        return Work(ticks[True] / second, ticks[False] / second, sender)

    def records(self) -> int:
        """Count the records."""
        table_name = stack.outputs(self.emulator)["RecordsTable"]
        pages = (
            stack.client(self.emulator, "dynamodb").get_paginator("scan").paginate(TableName=table_name, Select="COUNT")
        )
        return sum(page["Count"] for page in pages)


def drop_box(target: Target, folder: Path) -> None:
    """Copy every file into the drop box, and wait until all are photos."""
    s3, bucket = stack.client(target.emulator, "s3"), stack.outputs(target.emulator)["PhotosBucket"]
    files, before = list(folder.iterdir()), target.records()
    with ThreadPoolExecutor(8) as threads:
        for file in files:
            threads.submit(s3.upload_file, str(file), bucket, f"dropbox/{file.name}")
    eventually(lambda: target.records() == before + len(files), 60 + len(files))


def command(target: Target, folder: Path) -> None:
    """Import the folder with the command."""
    environment = target.emulator.environment | {"XDG_CONFIG_HOME": str(folder.parent)}
    run = [sys.executable, "-m", "headshot_cli", "import", str(folder), "--report", str(folder.parent / "report.csv")]
    subprocess.run(run, env=environment, stdout=subprocess.DEVNULL, check=True)


def timed(target: Target, send: Callable[[Path], None], folder: Path, name: str) -> list[str]:
    """Send the folder, and return a row of the table."""
    count = len(list(folder.iterdir()))
    before, start = target.work(), time.perf_counter()
    send(folder)
    seconds, after = time.perf_counter() - start, target.work()
    shares = [after.functions - before.functions, after.emulator - before.emulator, after.sender - before.sender]
    busy = sum(shares) / seconds
    milliseconds = (f"{1000 * share / count:.0f}" for share in shares)
    return [name, f"{seconds:.0f}", f"{count / seconds:.1f}", f"{busy:.1f} of {os.cpu_count()}", *milliseconds]


def main(count: int) -> None:
    """Load the stack in both ways."""
    rows, faces = [], [portrait.jpeg(str(number), SIZE) for number in range(FACES)]
    with tempfile.TemporaryDirectory() as home:
        emulator = Emulator(free_port(), Path(home))
        with emulator.running() as process:
            stack.deploy(emulator, {"IngestConcurrency": "20"})  # so that the CPUs are the limit
            target = Target(emulator, process.pid)
            for name, way in [("drop box", drop_box), ("headshot import", command)]:
                folder = Path(home) / way.__name__ / "photos"
                folder.mkdir(parents=True)
                for number in range(count):
                    (folder / f"{way.__name__}{number:05}.jpg").write_bytes(faces[number % FACES])
                rows.append(timed(target, partial(way, target), folder, name))
    head = ["", "seconds", "pictures/s", "processors busy", "functions", "emulator", "sender"]
    table(f"{count:,} portraits of {SIZE[0]} × {SIZE[1]} pixels; milliseconds of CPU time for each", head, rows)


if __name__ == "__main__":
    main(int(sys.argv[1]))
