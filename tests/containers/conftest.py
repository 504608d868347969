"""`sam local` in real containers, with a copy of the project and a local stack of its own: `make sam-local-test`."""

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from local import sam_local, stack
from local.emulator import Emulator
from local.stack import PROJECT
from tests.awaiting import eventually
from tests.local.test_run import Copy
from tests.stack.conftest import free_port

# Seconds, for a loaded machine. Most commands take a tenth of that.
PATIENCE = 600

IMAGE = f"public.ecr.aws/lambda/python:3.13-{sam_local.architecture()}"


def docker(*arguments):
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False, timeout=PATIENCE)


def containers():
    """Return the ids of all containers that SAM CLI started, running or not."""
    return set(docker("ps", "--all", "--quiet", "--filter", "label=sam.cli.container.type=lambda").stdout.split())


class SamLocal:
    """Runs the functions in containers, against a local stack that listens for them."""

    def __init__(self, copy):
        self.copy = copy
        self.emulator = Emulator(copy.port, copy.folder / ".headshot")
        venv = Path(sys.executable).parent
        self._sam = venv / "sam"
        self._environment = os.environ | {"PATH": f"{venv}{os.pathsep}{os.environ['PATH']}"}

    def build(self):
        self._run("build", "--cached", "--cache-dir", PROJECT / ".aws-sam/cache", "--parallel")

    def invoke(self, event):
        """Run the function that takes this event of events/, and return its answer."""
        function = f"{event.partition('-')[0].capitalize()}Function"
        done = self._run("local", "invoke", function, "--event", f"events/{event}.json", *self._options())
        answers = [line for line in done.stdout.splitlines() if line.startswith(("{", "null"))]
        assert answers, done.stdout + done.stderr
        return json.loads(answers[-1])

    @contextmanager
    def api(self):
        """Serve the API, and yield its address."""
        url = f"http://127.0.0.1:{free_port()}"
        log = self.copy.folder / "start-api.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [
                    *(self._sam, "local", "start-api", "--port", url.rpartition(":")[2]),
                    *("--warm-containers", "LAZY", *self._options()),
                ],
                cwd=self.copy.folder,
                env=self._environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            eventually(lambda: process.poll() is not None or answers(url), PATIENCE)
            assert process.poll() is None, log.read_text()
            yield url
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE)

    def client(self, service: str) -> Any:
        return stack.client(self.emulator, service)

    def stop_taking(self, function):
        """Stop the local stack's own function from receiving from its queue."""
        functions = self.client("lambda")
        name = stack.physical_id(self.emulator, function)
        [mapping] = functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
        functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)

    def _options(self):
        # SAM CLI pulls the image by default, which fails offline.
        there = docker("image", "inspect", IMAGE).returncode == 0
        return ["--config-file", ".headshot/sam-local.toml", *(["--skip-pull-image"] if there else [])]

    def _run(self, *arguments):
        done = subprocess.run(
            [self._sam, *arguments],
            cwd=self.copy.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done


def answers(url):
    try:
        requests.get(f"{url}/nowhere", timeout=PATIENCE)
    except requests.ConnectionError:
        return False
    return True


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clone") / "headshot"
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    before = containers()
    copy = Copy(folder, free_port())
    local = SamLocal(copy)
    local.build()
    copy.start("--containers", "yes")
    try:
        yield local
    finally:
        stopped = copy.stop()
        left = containers() - before
        if left:
            docker("rm", "--force", *left)
    assert (stopped, left) == ((0, []), set())
