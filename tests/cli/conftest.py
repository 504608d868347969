"""The administrators' command, and a stack of its own to run it on."""

import io
import sys

import boto3
import pytest

from headshot_cli.__main__ import main
from tests.stack.conftest import _loopback, rig, stranger, uploader

__all__ = ["_loopback", "rig", "stranger", "uploader"]


@pytest.fixture
def headshot(rig, monkeypatch, capsys):
    """Run the command and give its exit code and what it prints."""
    for name, value in rig.emulator.environment.items():
        monkeypatch.setenv(name, value)

    def run(*arguments, typed=""):
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
        monkeypatch.setattr(sys, "argv", ["headshot", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        code = ended.value.code
        # A text instead of a code is what Python prints on its way out.
        return (1, printed.out, code) if isinstance(code, str) else (code or 0, printed.out, printed.err)

    return run
