"""A folder of portraits, imported by the command."""

import json
import random

import pytest
import urllib3
from PIL import Image

from headshot_cli import api
from headshot_cli.journal import Journal
from local import portrait
from tests import pictures
from tests.cli.importing import run
from tests.stack.test_faults import denied

__all__ = ["run"]

PEOPLE = [f"import{number:02}" for number in range(24)]


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


def test_a_folder_is_imported_once_and_then_only_what_has_changed(folder, run, uploader):
    for name in PEOPLE:
        (folder / f"{name}.jpg").write_bytes(portrait.jpeg(name, (128, 128)))
    (folder / "readme.txt").write_text("no picture")
    (folder / "._import00.jpg").write_bytes(b"what macOS keeps beside a file")

    code, printed, _, report = run(folder, "--dry-run")
    assert (code, printed.split(";")[0]) == (0, "24 accepted, 0 unchanged, 0 rejected, 0 missing")
    assert uploader.record(PEOPLE[0]).status_code == 404

    code, printed, _, report = run(folder)
    assert (code, printed.split(";")[0]) == (0, "24 accepted, 0 unchanged, 0 rejected, 0 missing")
    assert report.keys() == set(PEOPLE)
    assert all(uploader.record(name).status_code == 200 for name in PEOPLE)

    assert run(folder)[1].startswith("0 accepted, 24 unchanged, 0 rejected, 0 missing")
    (folder / f"{PEOPLE[3]}.jpg").write_bytes(portrait.jpeg("somebody else", (128, 128)))
    _, printed, _, report = run(folder)
    assert printed.startswith("1 accepted, 23 unchanged")
    assert report[PEOPLE[3]]["result"] == "accepted"
    uploader.erase(PEOPLE[5])
    assert run(folder)[1].startswith("1 accepted, 23 unchanged")
    assert uploader.record(PEOPLE[5]).status_code == 200


def test_whose_photo_was_made_another_keeps_it_until_everything_is_imported(folder, run, uploader):
    (folder / "other.jpg").write_bytes(portrait.jpeg("other", (128, 128)))
    run(folder)
    uploader.upload("other", portrait.jpeg("chosen by the person", (128, 128)))
    assert run(folder)[1].startswith("0 accepted, 1 unchanged")
    assert json.loads(run(folder, "--all", "--json")[1]).items() >= {"accepted": 1, "unchanged": 0}.items()


def test_nothing_is_imported_of_which_no_report_could_be_written(folder, headshot, uploader):
    (folder / "unreported.jpg").write_bytes(portrait.jpeg("unreported", (128, 128)))
    report = str(folder / "nowhere" / "report.csv")
    assert headshot("import", str(folder), "--report", report)[::2] == (
        1,
        f"{report} cannot be written: No such file or directory.",
    )
    assert uploader.record("unreported").status_code == 404


def test_a_table_says_whose_file_is_which_and_every_line_of_it_is_in_the_report(folder, run, uploader):
    (folder / "a.jpg").write_bytes(portrait.jpeg("a", (128, 128)))
    (folder / "b.jpg").write_bytes(b"no picture")
    table = folder / "people.csv"
    lines = ["Name;user_id;file", "Äda;mapped1;a.jpg", "Bo;mapped2;b.jpg", "Cy;mapped3;c.jpg", "Di;mapped4;", ";;"]
    table.write_bytes("\r\n".join(lines).encode("utf-8-sig"))
    code, printed, errors, report = run(table)
    assert (code, printed.split(";")[0]) == (1, "1 accepted, 0 unchanged, 2 rejected, 1 missing")
    assert "b.jpg: The file is not a picture" in errors
    assert {(name, line["picture"], line["result"]) for name, line in report.items()} == {
        ("mapped1", "a.jpg", "accepted"),
        ("mapped2", "b.jpg", "rejected"),
        ("mapped3", "c.jpg", "rejected"),
        ("mapped4", "line 5", "missing"),
    }
    assert report["mapped3"]["reason"] == "It cannot be read: No such file or directory."
    assert report["mapped4"]["reason"] == "people.csv names no file"
    assert uploader.record("mapped1").status_code == 200


@pytest.mark.parametrize(
    ("separator", "encoding"), [(",", "utf-8"), (";", "cp1252"), ("\t", "utf-16"), (",", "utf-8-sig")]
)
def test_tables_are_read_as_excel_saves_them_in_any_country(folder, headshot, separator, encoding):
    table = folder / "people.csv"
    lines = [["Näme", "login"], ["Äda", "excel1"], ["Bo", "excel2"]]
    table.write_bytes("\r\n".join(map(separator.join, lines)).encode(encoding))
    code, printed, _ = headshot("list", "--without-photo", str(table), "--user-id", "login")
    assert (code, printed.splitlines()) == (0, ["excel1\tline 2", "excel2\tline 3"])


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


def test_a_new_photo_that_did_not_arrive_is_sent_again(folder, run, rig, uploader):
    """Though the person has a photo already: what counts is that this one was taken."""
    file = folder / "unarrived.jpg"
    file.write_bytes(portrait.jpeg("before", (128, 128)))
    assert run(folder)[1].startswith("1 accepted")
    before = uploader.record("unarrived").json()
    file.write_bytes(portrait.jpeg("after", (128, 128)))
    with denied(rig, "UploadRole", "s3:PutObject"):
        assert run(folder)[0] == 1
    assert uploader.record("unarrived").json() == before
    assert run(folder)[1].startswith("1 accepted")
    assert uploader.record("unarrived").json()["version"] != before["version"]


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


@pytest.mark.parametrize(
    ("columns", "message"),
    [("name,photo", "does not name a column user_id."), ("user_id,photo", "does not name a column file.")],
)
def test_a_table_without_the_columns_is_told_of(folder, run, columns, message):
    table = folder / "people.csv"
    table.write_text(f"{columns}\nada,a.jpg\n")
    code, _, error, _ = run(table)
    assert (code, message in error) == (1, True)


def test_a_source_that_is_none_or_has_nobody_is_told_of(folder, run):
    code, _, error, _ = run(folder / "nowhere")
    assert (code, "is neither a folder nor a CSV file" in error) == (1, True)
    code, _, error, _ = run(folder)
    assert (code, error) == (1, f"There is nobody to import in {folder}.")


def test_a_journal_that_a_crash_cut_off_is_read_as_far_as_it_goes(tmp_path):
    file = tmp_path / "journal.jsonl"
    file.write_text(json.dumps(["ada", "1"]) + '\n["grace", "2')
    people = {"ada", "grace"}
    journal = Journal(file, people)
    assert (journal.has("ada", "1"), journal.has("grace", "2")) == (True, False)
    journal.add("grace", "3")
    journal.close()
    again = Journal(file, people)
    assert (again.has("ada", "1"), again.has("grace", "3")) == (True, True)
    again.close()
