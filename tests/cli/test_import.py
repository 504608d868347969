"""A folder or a table of portraits, imported by the command."""

import json
import random

import pytest
from PIL import Image

from headshot_cli import api
from headshot_cli.journal import Journal
from local import portrait
from tests import pictures
from tests.cli.importing import folder, put_portraits, run
from tests.stack.test_faults import denied

__all__ = ["folder", "run"]

PEOPLE = [f"import{number:02}" for number in range(24)]


def test_a_folder_is_imported_once_and_then_only_what_changed(folder, run, uploader):
    put_portraits(folder, PEOPLE)
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


def test_a_photo_that_was_set_otherwise_is_kept_unless_everything_is_imported(folder, run, uploader):
    put_portraits(folder, ["other"])
    run(folder)
    uploader.upload("other", portrait.jpeg("chosen by the person", (128, 128)))
    assert run(folder)[1].startswith("0 accepted, 1 unchanged")
    assert json.loads(run(folder, "--all", "--json")[1]).items() >= {"accepted": 1, "unchanged": 0}.items()


def test_nothing_is_imported_if_the_report_cannot_be_written(folder, headshot, uploader):
    put_portraits(folder, ["unreported"])
    report = str(folder / "nowhere" / "report.csv")
    error = f"{report} cannot be written: No such file or directory."
    assert headshot("import", str(folder), "--report", report)[::2] == (1, error)
    assert uploader.record("unreported").status_code == 404


def test_a_table_maps_files_to_users_and_every_line_is_in_the_report(folder, run, uploader):
    put_portraits(folder, ["a"])
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


def test_an_import_that_broke_off_resumes(folder, run, rig, uploader, monkeypatch):
    monkeypatch.setattr(api, "_RETRIES", api._RETRIES.new(total=0))  # they would take half a minute
    names = [f"resume{number}" for number in range(6)]
    put_portraits(folder, names[:3])
    assert run(folder)[1].startswith("3 accepted")
    put_portraits(folder, names[3:])
    with denied(rig, "UploadRole", "s3:PutObject"):
        code, _, error, _ = run(folder)
    assert code == 1
    assert "does not answer at the moment" in error
    assert run(folder)[1].startswith("3 accepted, 3 unchanged")
    assert all(uploader.record(name).status_code == 200 for name in names)


def test_a_new_photo_that_was_not_stored_is_uploaded_again(folder, run, rig, uploader, monkeypatch):
    monkeypatch.setattr(api, "_RETRIES", api._RETRIES.new(total=0))  # as above
    """Though the person has a photo already: only the upload of this very picture counts."""
    file = folder / "unstored.jpg"
    file.write_bytes(portrait.jpeg("before", (128, 128)))
    assert run(folder)[1].startswith("1 accepted")
    before = uploader.record("unstored").json()
    file.write_bytes(portrait.jpeg("after", (128, 128)))
    with denied(rig, "UploadRole", "s3:PutObject"):
        assert run(folder)[0] == 1
    assert uploader.record("unstored").json() == before
    assert run(folder)[1].startswith("1 accepted")
    assert uploader.record("unstored").json()["version"] != before["version"]


def test_a_file_over_the_limit_is_scaled_down_and_its_photo_stays_the_same(folder, run, uploader, stranger):
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
def test_a_table_without_the_columns_is_reported(folder, run, columns, message):
    table = folder / "people.csv"
    table.write_text(f"{columns}\nada,a.jpg\n")
    code, _, error, _ = run(table)
    assert (code, message in error) == (1, True)


def test_a_source_that_does_not_exist_or_is_empty_is_reported(folder, run):
    code, _, error, _ = run(folder / "nowhere")
    assert (code, "is neither a folder nor a CSV file" in error) == (1, True)
    code, _, error, _ = run(folder)
    assert (code, error) == (1, f"{folder} has nobody to import.")


def test_a_journal_that_a_crash_cut_off_is_read_up_to_there(tmp_path):
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
