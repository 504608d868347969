"""`headshot import` as its user runs it, and the folder and table that it imports."""

import csv

import pytest

from local import portrait

PHOTO = portrait.jpeg("somebody", (128, 128))


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


@pytest.fixture
def table(folder):
    """Write a table beside a photo, `a.jpg`, and return its path."""
    (folder / "a.jpg").write_bytes(PHOTO)

    def write(text, encoding="utf-8"):
        table = folder / "people.csv"
        table.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return table

    return write


@pytest.fixture
def run(headshot, tmp_path, monkeypatch):
    """Import, and return the exit code, what is printed, and the report by user id."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    report = tmp_path / "report.csv"

    def imported(*arguments):
        code, printed, errors = headshot("import", *map(str, arguments), "--report", str(report))
        text = report.read_text("utf-8-sig") if report.exists() else ""
        lines = {line["user_id"]: line for line in csv.DictReader(text.splitlines())}
        return code, printed, errors, lines

    return imported


def put_photos(folder, names):
    """Write a photo for each name, all alike, and return the names."""
    for name in names:
        (folder / f"{name}.jpg").write_bytes(PHOTO)
    return names


def put_portraits(folder, names):
    """Draw a photo for each name, all different, and return the names."""
    for name in names:
        (folder / f"{name}.jpg").write_bytes(portrait.jpeg(name, (128, 128)))
    return names


def reasons(report, result):
    """Return the reasons in a report for those with a result, by user id."""
    return {name: line["reason"] for name, line in report.items() if line["result"] == result}
