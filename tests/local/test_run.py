"""`make run` as a new user sees it, on a copy of the project."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from local.stack import PROJECT
from tests.awaiting import eventually
from tests.stack.conftest import free_port

SECONDS = 90


class Copy:
    """A copy of the project, and the processes that its `make run` and `make deploy` start."""

    def __init__(self, folder, port):
        self.folder, self.port = folder, port
        self.process: Any = None

    def start(self, *options):
        """Start the stack, and return what it prints until it is ready."""
        self.process = subprocess.Popen(
            [*self._command("run"), *options],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if line.startswith("Ctrl-C"):
                return "".join(lines)
        pytest.fail("".join(lines))

    def stop(self):
        """Press Ctrl-C, and return the exit code and the processes that still run."""
        started = self.descendants()
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=SECONDS)
        return self.process.returncode, [pid for pid in started if is_running(pid)]

    def deploy(self):
        return subprocess.run(self._command("deploy"), cwd=self.folder, capture_output=True, text=True, check=False)

    def curl(self, line):
        """Run a printed command unchanged, and return its output."""
        options = "--silent --show-error --fail-with-body"
        command = line.strip().replace("curl ", f"curl {options} ", 1)
        done = subprocess.run(["sh", "-c", command], cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def headshot(self, printed):
        """Run `headshot status` as printed, with the command of this environment."""
        [settings, command] = re.findall(r"^  (export .*)\n  \.venv/bin/(headshot .*)$", printed, re.MULTILINE)[0]
        script = f"{settings} && {Path(sys.executable).with_name('headshot')} {command.partition(' ')[2]}"
        environment = {"PATH": os.environ["PATH"]}
        done = subprocess.run(
            ["sh", "-c", script], cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def descendants(self):
        listing = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        pairs = [tuple(map(int, line.split())) for line in listing.splitlines()]
        found = [self.process.pid]
        for parent in found:
            found += [pid for pid, its_parent in pairs if its_parent == parent]
        return found

    def _command(self, name):
        return [sys.executable, "-m", "local", name, "--port", str(self.port)]


def is_running(pid):
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


def command_line(pid):
    return subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clone") / "headshot"
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    copy = Copy(folder, port)
    yield copy
    if copy.process.poll() is None:
        copy.stop()


def test_the_printed_commands_work_and_photos_survive_restarts(copy):
    printed = copy.start()
    upload, head, get, record, erase = re.findall(r"^  (curl .*)$", printed, re.MULTILINE)
    assert "Starting MiniStack ... " in printed

    uploaded = json.loads(copy.curl(upload))
    assert copy.curl(head).startswith("HTTP/1.1 200")
    copy.curl(get)
    with Image.open(copy.folder / ".headshot" / "photo.jpg") as picture:
        assert (picture.format, picture.size) == ("JPEG", (512, 512))
    assert json.loads(copy.curl(record)) == uploaded
    assert copy.curl(f"curl --head {uploaded['url']}").startswith("HTTP/1.1 200")

    # The headshot command talks to this stack with the settings that are printed.
    assert re.search(r"^photos +1$", copy.headshot(printed), re.MULTILINE)

    # A second stack on the same port fails with one line.
    second = subprocess.run(copy._command("run"), cwd=copy.folder, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert f"Port {copy.port} is busy" in second.stderr.strip().splitlines()[-1]

    # `make deploy` deploys a change to the code.
    handler = copy.folder / "functions/serve/handler.py"
    handler.write_text(handler.read_text().replace("max-age=300", "max-age=301"))
    deployed = copy.deploy()
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    assert "max-age=301" in copy.curl(head)

    # Ctrl-C leaves no process behind, and the next start finds everything again.
    assert copy.stop() == (0, [])
    moved = subprocess.run(
        [*copy._command("run")[:-1], str(free_port())], cwd=copy.folder, capture_output=True, text=True, check=False
    )
    assert (moved.returncode, f"was created on port {copy.port}" in moved.stderr) == (1, True)
    printed = copy.start("--identity-provider", "Okta")
    [okta] = re.findall(r"^  (curl -H .*/api/v1/.*)$", printed, re.MULTILINE)
    assert json.loads(copy.curl(record))["url"] == uploaded["url"]
    assert copy.curl(head).startswith("HTTP/1.1 200")

    # The fake Okta gets the URLs of existing photos and of new ones, also after a restart.
    def held():
        return json.loads(copy.curl(okta))["profile"].get("primaryPhotoValue", "")

    def replace(gravity):
        record = json.loads(copy.curl(f"{upload}?gravity={gravity}"))
        eventually(lambda: held() == record["url"])
        return record

    eventually(lambda: held() == uploaded["url"])
    replace("bottom")
    assert copy.stop() == (0, [])
    copy.start("--identity-provider", "Okta")
    replaced = replace("top")

    # If the emulator is killed, the next start finds what it had saved.
    # The version alone would not do: it is in the history, too.
    eventually(lambda: replaced["url"] in (copy.folder / ".headshot/state/dynamodb.json").read_text())
    [emulator] = [pid for pid in copy.descendants() if "local.server" in command_line(pid)]
    os.kill(emulator, signal.SIGKILL)
    assert "MiniStack ended on its own" in copy.process.communicate(timeout=SECONDS)[0]
    copy.start("--identity-provider", "Okta")
    assert json.loads(copy.curl(record))["url"] == replaced["url"]

    copy.curl(erase)
    eventually(lambda: held().endswith("/photos/_default.jpg"))
    with pytest.raises(AssertionError, match="not-found"):
        copy.curl(record)
    assert copy.stop() == (0, [])
    assert "Nothing runs on port" in copy.deploy().stderr


def test_an_old_python_is_told_in_one_line_what_is_needed(tmp_path):
    bootstrap = (PROJECT / "local/bootstrap.py").read_text()
    script = tmp_path / "bootstrap.py"
    script.write_text(bootstrap.replace("OLDEST = (3, 11)", "OLDEST = (99, 0)"))
    done = subprocess.run([sys.executable, script, "-", "-"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert re.fullmatch(r"Headshot needs Python 3\.11 or newer.*\n", done.stderr)
