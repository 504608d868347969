"""The import as its user runs it."""

import csv

import pytest


@pytest.fixture
def run(headshot, tmp_path, monkeypatch):
    """Import, and give the exit code, what is printed, and the report by user id."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    report = tmp_path / "report.csv"

    def imported(*arguments):
        code, printed, errors = headshot("import", *map(str, arguments), "--report", str(report))
        text = report.read_text("utf-8-sig") if report.exists() else ""
        lines = {line["user_id"]: line for line in csv.DictReader(text.splitlines())}
        return code, printed, errors, lines

    return imported
