"""`make audit` reports advisories, and never passes for having looked where there are none."""

import json
import subprocess

import pytest

from checks import audit

CLEAN = {"name": "pillow", "version": "13.0.0", "vulns": []}
VULNERABLE = {"name": "urllib3", "version": "1.0", "vulns": [{"id": "PYSEC-2020-1", "fix_versions": ["1.1"]}]}
UNKNOWN = {"name": "pyjwt", "skip_reason": "Dependency not found on PyPI and could not be audited: pyjwt (2.15.1)"}


@pytest.fixture
def pip_audit(monkeypatch):
    """Return a function that replaces pip-audit by a command with the given output."""

    def prints(stdout="", stderr=""):
        done = subprocess.CompletedProcess([], 0, stdout, stderr)
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)

    return prints


def run(capsys):
    """Return the exit code and what is printed."""
    code: object = 0
    try:
        audit.main(["requirements.txt"])
    except SystemExit as error:
        code = error.code
    return code, "".join(capsys.readouterr())


def test_a_clean_audit_says_how_many_packages_it_covers(pip_audit, capsys):
    pip_audit(json.dumps({"dependencies": [CLEAN, CLEAN]}))
    assert run(capsys) == (0, "2 packages audited: no known vulnerability.\n")


def test_an_advisory_fails_the_audit_and_names_the_fix(pip_audit, capsys):
    pip_audit(json.dumps({"dependencies": [CLEAN, VULNERABLE]}))
    assert run(capsys) == (1, "urllib3 1.0: PYSEC-2020-1, fixed in 1.1\n")


def test_without_a_network_the_audit_says_in_one_line_that_it_could_not_run(pip_audit, capsys):
    pip_audit(stderr="Traceback\n  …\nrequests.exceptions.ConnectionError: Failed to resolve 'pypi.org'\n")
    line = "The audit could not run: pypi.org cannot be reached. Connect this machine to the internet.\n"
    assert run(capsys) == (2, line)


def test_an_index_without_advisories_does_not_pass_for_an_audit(pip_audit, capsys):
    pip_audit(json.dumps({"dependencies": [CLEAN, UNKNOWN]}))
    line = "The audit could not run: the package index has no advisories for pyjwt. Run it against pypi.org.\n"
    assert run(capsys) == (2, line)


def test_another_failure_of_the_tool_is_reported_as_it_is(pip_audit, capsys):
    pip_audit(stderr="ERROR: invalid requirements input: nothing.txt\n")
    line = "The audit could not run: pip-audit failed. ERROR: invalid requirements input: nothing.txt.\n"
    assert run(capsys) == (2, line)
