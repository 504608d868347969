"""What `make pictures` is made of: a terminal, a drawing of it, and a browser."""

import os
import re
from pathlib import Path

import pytest

from local import browser, recording, terminal
from tests.awaiting import eventually
from tests.local.test_run import is_running


@pytest.fixture
def run(tmp_path):
    return lambda command: terminal.run(command, tmp_path, os.environ)


def test_a_command_sees_a_terminal_of_a_fixed_width_and_no_input(run):
    assert run("test -t 1 && test -t 2 && stty size < /dev/stdout; cat; echo done") == "40 100\ndone\n"


def test_nothing_that_a_command_starts_is_left_running(run):
    pid = int(run("(exec sleep 600) > /dev/null 2>&1 & echo $!"))
    eventually(lambda: not is_running(pid))


def test_a_drawing_has_the_colours_of_what_was_printed_last():
    drawn = recording.draw("one", "headshot status", "0%\r\x1b[2K\x1b[31m100%\x1b[0m\n")
    assert "100%" in drawn
    assert ">0%" not in drawn
    assert len(set(re.findall(r"fill: (#\w+)", drawn))) > 1
    assert "@font-face" not in drawn


def test_a_machine_without_a_browser_is_told_what_to_install(tmp_path, monkeypatch):
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(browser.BrowserError, match="apt install chromium"):
        browser.screenshot(Path("page.html"), tmp_path / "page.png", 10, 10)
