"""An import that ends early: its report says what is known, and the next one resumes."""

import csv
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from headshot_cli import api as client
from headshot_cli import importing, output
from headshot_cli.journal import Journal
from headshot_cli.report import Report
from headshot_cli.stack import StackError
from local.stack import PROJECT
from tests.awaiting import eventually
from tests.cli.fake_api import api
from tests.cli.importing import PHOTO, folder, put_photos, reasons, run
from tests.stack.test_faults import denied

__all__ = ["api", "folder", "run"]

NOT_STARTED = "The import stopped before this one. Run it again."
IN_FLIGHT = "The import stopped during this upload. Run it again."


@pytest.fixture
def _impatient(monkeypatch):
    """Retry at once, and only twice."""
    monkeypatch.setattr(client, "_RETRIES", client._RETRIES.new(total=2, backoff_factor=0, backoff_jitter=0))


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_import_reports_everyone_and_the_next_one_resumes(rig, folder, tmp_path, stop, uploader):
    names = put_photos(folder, [f"{stop.name.lower()}{number:02}" for number in range(20)])
    (folder / "n a.jpg").write_bytes(PHOTO)
    report, part = tmp_path / "report.csv", tmp_path / "report.csv.part"
    report.write_text("the previous report\n")
    command = [sys.executable, "-m", "headshot_cli", "import", str(folder), "--report", str(report)]
    environment = rig.emulator.environment | {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    pipe = subprocess.PIPE

    def read():
        with report.open(encoding="utf-8-sig", newline="") as lines:
            return {line["user_id"]: line for line in csv.DictReader(lines)}

    with (
        denied(rig, "UploadRole", "s3:PutObject"),  # uploads are retried, so the import cannot finish
        subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=pipe, stderr=pipe, text=True) as process,
    ):
        eventually(lambda: part.exists() and "n a" in part.read_text(encoding="utf-8-sig"))
        assert report.read_text() == "the previous report\n"
        process.send_signal(stop)
        printed, errors = process.communicate()
    assert process.returncode == 130
    assert printed.startswith("0 accepted, 0 unchanged, 1 rejected, 0 missing, 20 unknown; ")
    assert errors.splitlines()[1:] == ["Interrupted. Run the same command again to resume."]
    assert list(read()) == ["n a", *names]
    assert len([reason for reason in reasons(read(), "unknown").values() if reason == NOT_STARTED]) >= len(names) - 8
    assert not part.exists()

    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert "1 rejected, 0 missing; " in done.stdout, done.stderr
    # "unchanged" is a photo that was stored although the response came too late, on a slow machine.
    assert {read()[name]["result"] for name in names} <= {"accepted", "unchanged"}
    assert all(uploader.record(name).status_code == 200 for name in names)


@pytest.fixture
def interrupt_at(monkeypatch):
    """Press Ctrl-C as soon as the import prints a line."""

    def interrupt(line):
        def note(text):
            if text == line:
                raise KeyboardInterrupt

        monkeypatch.setattr(importing, "_PATIENCE", 0.1)
        monkeypatch.setattr(output, "note", note)

    return interrupt


def test_an_import_says_which_server_it_waits_for_and_why(api, folder, run, interrupt_at, monkeypatch):
    names = put_photos(folder, ["gone1", "gone2"])
    api.answers["PUT"] = lambda _: (502, {})
    interrupt_at("Waiting for 127.0.0.1: it answers 502.")
    monkeypatch.setattr(importing, "_GRACE", 30)  # less than all retries take
    add, added = Report.add, []

    def adding(report, result):
        added.append(result)
        add(report, result)

    monkeypatch.setattr(Report, "add", adding)
    code, printed, _, report = run(folder)
    assert (code, printed.split("; ")[0]) == (130, "0 accepted, 0 unchanged, 0 rejected, 0 missing, 2 unknown")
    assert len(added) == 2  # the uploads ended, and were not just left behind
    assert reasons(report, "unknown") == dict.fromkeys(names, IN_FLIGHT)


def test_an_upload_that_hangs_is_reported_as_unknown(api, folder, run, interrupt_at, monkeypatch):
    monkeypatch.setattr(importing, "_GRACE", 0)
    names, done = put_photos(folder, [f"hung{number}" for number in range(8)]), threading.Event()
    api.answers["PUT"] = lambda _: (done.wait(), (201, {}))[1]
    interrupt_at("Waiting for the uploads that are in flight.")
    code, _, _, report = run(folder)
    done.set()
    assert code == 130
    assert reasons(report, "unknown") == dict.fromkeys(names, IN_FLIGHT)


@pytest.mark.usefixtures("_impatient")
def test_a_file_that_the_api_never_answers_holds_up_no_other(api, folder, run):
    put_photos(folder, [f"poison{number:02}" for number in range(30)])
    api.answers["PUT"] = lambda user_id: (502, {}) if user_id == "poison07" else (201, {})
    code, printed, errors, report = run(folder)
    assert (code, printed.split(";")[0]) == (1, "29 accepted, 0 unchanged, 0 rejected, 0 missing, 1 unknown")
    assert reasons(report, "unknown") == {"poison07": "The API answers 502. Run the import again."}
    assert errors == "poison07.jpg: The API answers 502. Run the import again.\n"


DENIED = (
    "Your AWS credentials are not allowed to upload to the API."
    " Attach the policy UploadPolicyArn to them; it is an output of the stack."
)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((502, {}), "The API answers 502."),
        ((403, {"message": "Forbidden"}), DENIED),
    ],
)
@pytest.mark.usefixtures("_impatient")
def test_an_api_that_answers_nobody_stops_the_import(api, folder, run, answer, message):
    put_photos(folder, [f"nobody{number:03}" for number in range(200)])
    api.answers["PUT"] = lambda _: answer
    code, _, error, report = run(folder)
    assert (code, error) == (1, message)
    assert len(reasons(report, "unknown")) == 200
    assert NOT_STARTED in reasons(report, "unknown").values()
    assert len(api.requests) < 200


def test_uploads_count_although_the_journal_cannot_be_written(api, folder, run, monkeypatch):
    names = put_photos(folder, [f"unwritten{number:02}" for number in range(20)])
    api.answers["PUT"] = lambda _: (201, {})

    def full(*_):
        raise StackError("journal.jsonl cannot be written: No space left on device.")

    monkeypatch.setattr(Journal, "add", full)
    code, _, error, report = run(folder)
    assert (code, error) == (1, "journal.jsonl cannot be written: No space left on device.")
    assert sorted(reasons(report, "accepted")) == sorted(user_id for _, user_id in api.requests)
    assert report.keys() == set(names)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_is_reported_in_one_line(api, folder, headshot, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    put_photos(folder, ["full"])
    api.answers["PUT"] = lambda _: (201, {})
    code, printed, error = headshot("import", str(folder), "--report", "/dev/full")
    assert (code, printed, error) == (1, "", "/dev/full cannot be written: No space left on device.")
    assert Path("/dev/full").is_char_device()


def test_a_report_that_cannot_be_replaced_stays_and_so_do_the_results(api, folder, run, tmp_path, monkeypatch):
    put_photos(folder, ["replaced"])
    api.answers["PUT"] = lambda _: (201, {})
    report = tmp_path / "report.csv"
    report.write_text("the previous report\n")

    def busy(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", busy)
    code, _, error, _ = run(folder)
    assert (code, error) == (1, f"{report} cannot be written: Permission denied. {report}.part has the results so far.")
    assert report.read_text() == "the previous report\n"
    assert "replaced.jpg,accepted" in (tmp_path / "report.csv.part").read_text("utf-8-sig")
    assert not (tmp_path / "report.csv.tmp").exists()


def test_a_link_is_kept_and_its_target_replaced(api, folder, run, tmp_path):
    put_photos(folder, ["linked"])
    api.answers["PUT"] = lambda _: (201, {})
    (tmp_path / "report.csv").symlink_to(tmp_path / "elsewhere.csv")
    assert run(folder)[3].keys() == {"linked"}
    assert (tmp_path / "report.csv").is_symlink()
