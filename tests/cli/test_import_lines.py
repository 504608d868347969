"""Faulty lines and files of an import: each is read or rejected by itself, and holds up no other."""

import os
from pathlib import Path

import pytest

from headshot_cli import importing
from headshot_cli.fit import fit
from headshot_cli.stack import StackError
from local import portrait
from tests import pictures
from tests.cli.importing import PHOTO, folder, reasons, run, table

__all__ = ["folder", "run", "table"]


def test_invalid_user_ids_are_rejected_alone(table, run):
    bad = ["n/a", "DOMAIN/user", ".", "..", "a b", "zoë"]
    code, printed, errors, report = run(
        table("\n".join(["user_id,file", *(f"{name},a.jpg" for name in [*bad, "slashless"])]))
    )
    assert (code, printed.split(";")[0]) == (1, "1 accepted, 0 unchanged, 6 rejected, 0 missing")
    assert reasons(report, "rejected").keys() == set(bad)
    assert "; this one contains '/'. Use the" in report["DOMAIN/user"]["reason"]
    assert "this one contains 'ë'" in errors


def test_a_file_name_that_is_not_text_is_rejected_alone(folder, run):
    (folder / "named.jpg").write_bytes(PHOTO)
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.jpg")).write_bytes(PHOTO)
    code, printed, errors, _ = run(folder)
    assert (code, printed.split(";")[0]) == (1, "1 accepted, 0 unchanged, 1 rejected, 0 missing")
    assert errors.startswith(r"\udcff.jpg: A user id has 1 to 254 characters")


def test_several_files_for_one_person_are_all_rejected(folder, run, uploader):
    for name in ("twin.jpg", "twin.png", "only.jpg"):
        (folder / name).write_bytes(PHOTO)
    code, printed, errors, _ = run(folder)
    assert (code, printed.split(";")[0]) == (1, "1 accepted, 0 unchanged, 2 rejected, 0 missing")
    for name in ("twin.jpg", "twin.png"):
        assert f"{name}: twin.jpg and twin.png have the same user id, twin. Keep one of them." in errors
    assert uploader.record("twin").status_code == 404


def test_ids_that_differ_in_case_only_are_rejected(table, run, uploader):
    uploader.upload("Existing@example.com", PHOTO)
    names = ["Case@example.com", "case@example.com", "existing@example.com", "alone@example.com"]
    code, _, _, report = run(table("\n".join(["user_id,file", *(f"{name},a.jpg" for name in names)])))
    assert code == 1
    assert {
        name: reason.partition(" differ in case only")[0] for name, reason in reasons(report, "rejected").items()
    } == {
        "Case@example.com": "Case@example.com and case@example.com",
        "case@example.com": "case@example.com and Case@example.com",
        "existing@example.com": "existing@example.com and Existing@example.com",
    }
    assert uploader.record("existing@example.com").status_code == 404


def test_broken_links_are_rejected_and_other_files_ignored(folder, run):
    (folder / "linked.jpg").symlink_to(folder / "nowhere.jpg")
    for name in ("one.jfif", "two.JPE", "Thumbs.db", "photos.zip", "readme.txt", "notes.md"):
        (folder / name).write_bytes(PHOTO)
    (folder / "team").mkdir()
    code, printed, errors, report = run(folder)
    assert (code, printed.split(";")[0]) == (1, "2 accepted, 0 unchanged, 1 rejected, 0 missing")
    assert (report.keys(), report["linked"]["reason"]) == (
        {"one", "two", "linked"},
        "It cannot be read: No such file or directory.",
    )
    assert "Ignored 5 that are not image files: Thumbs.db, notes.md, photos.zip, …." in errors


@pytest.mark.parametrize(
    "head", ["User_ID;File", "USER_ID ; FILE ;Name", "sep=;\nuser_id;file", "SEP=;\r\nuser_id;file"]
)
def test_column_names_in_any_case_and_excels_first_line_are_read(table, run, head):
    code, printed, _, report = run(table(f"{head}\ntabled;a.jpg\n;b.jpg\n", "utf-8-sig"))
    assert (code, printed.split()[4]) == (1, "1")
    assert reasons(report, "rejected") == {"": f"Line {head.count(chr(10)) + 3} has no user id. Add it."}
    assert report["tabled"]["result"] in {"accepted", "unchanged"}


def test_a_line_without_a_user_id_is_rejected_and_an_empty_line_ignored(table, run):
    code, _, errors, report = run(table("user_id,file,name\n,a.jpg,Ada\n,,Grace\n,,\n\n ,\t,\nidentified,a.jpg,Ida\n"))
    assert code == 1
    assert errors.splitlines() == [
        "a.jpg: Line 2 has no user id. Add it.",
        "line 3: Line 3 has no user id. Add it.",
    ]
    assert report["identified"]["result"] == "accepted"


def test_a_bad_byte_affects_its_own_line_only(table, run):
    lines = ["user_id,file,name", "gülsüm,a.jpg,", "good1,a.jpg,Zoë", "good2,a.jpg,bad \udcff", "bad\udcff,a.jpg,"]
    code, printed, _, report = run(table("\n".join(lines).encode(errors="surrogateescape")))
    assert (code, printed.split(";")[0]) == (1, "2 accepted, 0 unchanged, 2 rejected, 0 missing")
    assert "; this one contains 'ü'." in report["gülsüm"]["reason"]
    assert r"; this one contains '\udcff'." in report[r"bad\udcff"]["reason"]


def test_a_long_field_affects_its_own_line_only(table, run):
    code, printed, _, report = run(table(f"user_id,file\n{'x' * 200_000},a.jpg\nlong1,{'y' * 200_000}\nlong2,a.jpg\n"))
    assert (code, printed.split(";")[0]) == (1, "1 accepted, 0 unchanged, 2 rejected, 0 missing")
    assert report["long1"]["reason"] == "It cannot be read: File name too long."
    assert report["x" * 200_000]["reason"].count("; this one has 200000.") == 1


def test_an_open_quotation_mark_is_reported_with_its_lines(table, run):
    code, printed, errors, _ = run(table('user_id,file\nquoted,a.jpg\nopen,"a.jpg\nafter,a.jpg\n'))
    assert (code, printed.split(";")[0]) == (1, "1 accepted, 0 unchanged, 1 rejected, 0 missing")
    assert "Lines 3 to 4 are read as one, because a quotation mark is not closed. Close it." in errors


def test_people_without_a_photo_are_listed_once_and_lines_without_an_id_reported(table, headshot):
    code, printed, errors = headshot("list", "--without-photo", str(table("user_id\nnophoto\n\nnophoto\n")))
    assert (code, printed, errors) == (0, "nophoto\tline 2\n", "")
    code, printed, errors = headshot("list", "--without-photo", str(table("user_id,name\nnophoto,Ada\n,Grace\n")))
    assert (code, printed, errors) == (0, "nophoto\tline 2\n", "line 3: Line 3 has no user id. Add it.\n")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RuntimeError("a decoder's own\nwords"), r"It cannot be read: RuntimeError: a decoder's own\nwords."),
        (MemoryError(), "It cannot be read: MemoryError: ."),
        (StackError("It cannot be converted. Install a converter."), "It cannot be converted. Install a converter."),
    ],
)
def test_an_exception_from_a_decoder_affects_its_file_only(folder, run, monkeypatch, error, reason):
    (folder / "cursed.avif").write_bytes(b"cursed")
    (folder / "blessed.jpg").write_bytes(PHOTO)

    def raising(data):
        if data == b"cursed":
            raise error
        return fit(data)

    monkeypatch.setattr(importing, "fit", raising)
    for options in (["--dry-run"], []):
        code, printed, errors, report = run(folder, *options)
        assert (code, ", 1 rejected, 0 missing;" in printed, report["blessed"]["result"] == "rejected") == (
            1,
            True,
            False,
        )
        assert (report["cursed"]["reason"], errors) == (reason, f"cursed.avif: {reason}\n")


def test_a_dry_run_rejects_what_the_api_rejects(folder, run):
    (folder / "fine.jpg").write_bytes(PHOTO)
    (folder / "bitmap.bmp").write_bytes(pictures.plain(size=(128, 128), kind="BMP"))
    (folder / "text.jpg").write_bytes(b"no picture")
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "heic.jpg").write_bytes(b"\0\0\0\x18ftypheic" + bytes(16))
    (folder / "small.jpg").write_bytes(portrait.jpeg("small", (32, 32)))
    (folder / "cut.jpg").write_bytes(PHOTO[:400])
    dry, real = run(folder, "--dry-run"), run(folder)
    assert (dry[0], dry[1]) == (real[0], real[1])
    assert dry[1].startswith("2 accepted, 0 unchanged, 5 rejected")
    assert reasons(dry[3], "rejected") == reasons(real[3], "rejected")


def test_the_report_opens_in_excel_without_formulas(folder, run, tmp_path):
    names = ["=1+1", "+1", "-1", "@sum", "\t=1", "fair-1"]
    for name in names:
        (folder / f"{name}.jpg").write_bytes(PHOTO)
    report = run(folder)[3]
    assert set(report) == {"'=1+1", "'+1", "'-1", "'@sum", r"\t=1", "fair-1"}
    assert report["'=1+1"]["picture"] == "'=1+1.jpg"
    assert (tmp_path / "report.csv").read_bytes().startswith(b"\xef\xbb\xbfuser_id,")
