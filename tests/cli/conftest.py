"""The administrators' command, and a stack to run it on."""

import io
import sys

import boto3
import pytest

from headshot_cli.__main__ import main
from tests.cli.permitted import Script
from tests.stack.conftest import _loopback, rig, stranger, uploader

__all__ = ["_loopback", "rig", "stranger", "uploader"]


@pytest.fixture
def headshot(rig, monkeypatch, capsys):
    """Run the command, and return its exit code, its output and its errors."""
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
        # Python prints a text that is given instead of a code.
        return (1, printed.out, code) if isinstance(code, str) else (code or 0, printed.out, printed.err)

    return run


@pytest.fixture(scope="session")
def _role(rig):
    return Script(rig, "script")


@pytest.fixture
def script(headshot, _role, monkeypatch):  # noqa: ARG001  `headshot` signs in as the account's root
    """Run the command with a role of its own, and return the role."""
    _role.sign_in(monkeypatch)
    return _role
