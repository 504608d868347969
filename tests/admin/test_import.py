"""A folder of portraits, imported by the command."""

import csv
import json
import random

import pytest
import urllib3
from PIL import Image

from admin import api
from admin.importing import Journal
from local import portrait
from tests import pictures
from tests.stack.test_faults import denied

PEOPLE = [f"import{number:02}" for number in range(24)]


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


@pytest.fixture
def run(headshot, tmp_path, monkeypatch):
    """Import, and give the exit code, what is printed, and the report by user id."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    report = tmp_path / "report.csv"

    def imported(*arguments):
        code, printed, errors = headshot("import", *map(str, arguments), "--report", str(report))
        lines = {line["user_id"]: line for line in csv.DictReader(report.read_text("utf-8").splitlines())}
        return code, printed, errors, lines

    return imported


def test_a_folder_is_imported_once_and_then_only_what_has_changed(folder, run, uploader):
    for name in PEOPLE:
        (folder / f"{name}.jpg").write_bytes(portrait.jpeg(name, (128, 128)))
    (folder / "readme.txt").write_text("no picture")

    code, printed, _, report = run(folder, "--dry-run")
    assert (code, printed.split(";")[0]) == (0, "24 accepted, 0 unchanged, 0 refused, 0 missing")
    assert uploader.record(PEOPLE[0]).status_code == 404

    code, printed, _, report = run(folder)
    assert (code, printed.split(";")[0]) == (0, "24 accepted, 0 unchanged, 0 refused, 0 missing")
    assert report.keys() == set(PEOPLE)
    assert all(uploader.record(name).status_code == 200 for name in PEOPLE)

    assert run(folder)[1].startswith("0 accepted, 24 unchanged, 0 refused, 0 missing")
    (folder / f"{PEOPLE[3]}.jpg").write_bytes(portrait.jpeg("somebody else", (128, 128)))
    _, printed, _, report = run(folder)
    assert printed.startswith("1 accepted, 23 unchanged")
    assert report[PEOPLE[3]]["outcome"] == "accepted"
    uploader.erase(PEOPLE[5])
    assert run(folder, "--all")[1].startswith("1 accepted, 23 unchanged")


def test_what_is_refused_or_missing_is_reported_with_the_reason_and_the_rest_imported(folder, tmp_path, run, uploader):
    (folder / "a.jpg").write_bytes(portrait.jpeg("a", (128, 128)))
    (folder / "b.jpg").write_bytes(b"no picture")
    table = tmp_path / "people.csv"
    table.write_bytes("﻿Name;user_id;file\r\nÄda;mapped1;a.jpg\r\nBo;mapped2;b.jpg\r\nCy;mapped3;c.jpg\r\n".encode())
    code, printed, errors, report = run(folder, "--mapping", table)
    assert (code, printed.split(";")[0]) == (1, "1 accepted, 0 unchanged, 1 refused, 1 missing")
    assert "b.jpg: The body is not an image" in errors
    assert [(name, line["outcome"]) for name, line in report.items()] == [
        ("mapped2", "refused"),
        ("mapped3", "missing"),
        ("mapped1", "accepted"),
    ]
    assert uploader.record("mapped1").status_code == 200


def test_an_import_that_broke_off_goes_on_where_it_was(folder, run, rig, uploader, monkeypatch):
    monkeypatch.setattr(api, "_POOL", urllib3.PoolManager(retries=False))  # which would wait for half a minute
    names = [f"resume{number}" for number in range(6)]
    for name in names[:3]:
        (folder / f"{name}.jpg").write_bytes(portrait.jpeg(name, (128, 128)))
    assert run(folder)[1].startswith("3 accepted")
    for name in names[3:]:
        (folder / f"{name}.jpg").write_bytes(portrait.jpeg(name, (128, 128)))
    with denied(rig, "UploadRole", "s3:PutObject"):
        code, _, error, _ = run(folder)
    assert code == 1
    assert "does not answer at the moment" in error
    assert run(folder)[1].startswith("3 accepted, 3 unchanged")
    assert all(uploader.record(name).status_code == 200 for name in names)


def test_a_file_over_the_limit_is_made_smaller_and_loses_nothing_that_shows(folder, run, uploader, stranger):
    grain = Image.frombytes("L", (2400, 3200), random.Random(0).randbytes(2400 * 3200)).point(lambda value: value // 8)
    picture = portrait.draw("Big Portrait", (2400, 3200))
    picture.putalpha(255)
    noisy = Image.blend(picture.convert("RGB"), Image.merge("RGB", [grain] * 3), 0.2)
    (folder / "oversize.png").write_bytes(pictures.encode(noisy, "PNG"))
    assert (folder / "oversize.png").stat().st_size > 4_500_000
    assert run(folder)[1].startswith("1 accepted")
    photo = pictures.read_clean(stranger.get(uploader.record("oversize").json()["url"]).content)
    assert photo.size == (512, 512)


def test_two_files_for_one_person_are_told_of_before_anything_of_them_is_lost(folder, run):
    for name in ("twin.jpg", "twin.png"):
        (folder / name).write_bytes(portrait.jpeg("twin", (128, 128)))
    code, _, error, _ = run(folder)
    assert code == 1
    assert "twin.jpg and twin.png are both named after twin" in error


def test_a_table_without_the_columns_is_refused(folder, tmp_path, run):
    table = tmp_path / "people.csv"
    table.write_text("name,photo\nAda,a.jpg\n")
    code, _, error, _ = run(folder, "--mapping", table)
    assert (code, "has to name the columns file and user_id" in error) == (1, True)


def test_a_journal_that_a_crash_cut_off_is_read_as_far_as_it_goes(tmp_path):
    file = tmp_path / "journal.jsonl"
    file.write_text(json.dumps(["ada", "1"]) + '\n["grace", "2')
    journal = Journal(file)
    assert (journal.has("ada", "1"), journal.has("grace", "2")) == (True, False)
    journal.add("grace", "3")
    journal.close()
    again = Journal(file)
    assert (again.has("ada", "1"), again.has("grace", "3")) == (True, True)
    again.close()
