"""The linters' exceptions are few, and each has its reason beside it."""

import re

import pytest
import yaml

from local.stack import PROJECT

SETTINGS = {file: (PROJECT / "checks" / file).read_text() for file in ("checkov.yaml", "cfn-lint.yaml")}
MOST = 6


def excepted(file):
    """Return the ids that a file excepts, in order, each with the number of its reason."""
    number, found = None, []
    for line in SETTINGS[file].splitlines():
        if reason := re.search(r"# (\d)\. ", line):
            number = int(reason[1])
        if rule := re.match(r" *- (\w+)", line):
            found.append((rule[1], number))
    return found


def test_at_most_six_reasons_except_rules():
    numbers = [number for file in SETTINGS for _, number in excepted(file)]
    assert set(numbers) == set(range(1, max(numbers) + 1))
    assert len(set(numbers)) <= MOST


@pytest.mark.parametrize(("file", "key"), [("checkov.yaml", "skip-check"), ("cfn-lint.yaml", "ignore_checks")])
def test_every_excepted_rule_has_a_reason(file, key):
    assert yaml.safe_load(SETTINGS[file])[key] == [rule for rule, number in excepted(file) if number]


def test_no_line_of_the_template_or_the_code_switches_a_linter_off():
    folders = ("functions", "headshot_cli", "local", "bench", "checks")
    files = [PROJECT / "template.yaml", *(file for folder in folders for file in (PROJECT / folder).rglob("*.py"))]
    for file in files:
        assert not re.search(r"ignore_checks|checkov:|#\s*nosec", file.read_text()), file
