"""An import that ends before everybody had a turn: its report says what is known, and the next one resumes."""

import csv
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import urllib3

from headshot_cli import api as admin_api
from headshot_cli import importing, output
from headshot_cli.journal import Journal
from headshot_cli.report import Report
from headshot_cli.stack import Stack, StackError
from headshot_cli.waiting import Retry
from local import portrait
from local.stack import PROJECT
from tests.awaiting import eventually
from tests.cli.fake_api import api
from tests.cli.importing import run

__all__ = ["api", "run"]

PHOTO = portrait.jpeg("somebody", (128, 128))
NOT_BEGUN = "The import stopped before its turn. Run it again."
IN_FLIGHT = "The import stopped while this one was under way. Run it again."


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


@pytest.fixture
def _impatient(monkeypatch):
    """Retry at once, and only twice."""
    retries = Retry(total=2, backoff_factor=0, status_forcelist=[502], allowed_methods=None, raise_on_status=False)
    monkeypatch.setattr(admin_api, "_POOL", urllib3.PoolManager(maxsize=16, timeout=5, retries=retries))


def photos(folder, names):
    for name in names:
        (folder / f"{name}.jpg").write_bytes(PHOTO)
    return names


def reasons(report, outcome="unknown"):
    return {name: line["reason"] for name, line in report.items() if line["result"] == outcome}


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_import_that_is_stopped_reports_everybody_and_the_next_one_resumes(rig, folder, tmp_path, stop, uploader):
    names = photos(folder, [f"{stop.name.lower()}{number:02}" for number in range(20)])
    (folder / "n a.jpg").write_bytes(PHOTO)
    report, part = tmp_path / "report.csv", tmp_path / "report.csv.part"
    report.write_text("the former report\n")
    command = [sys.executable, "-m", "headshot_cli", "import", str(folder), "--report", str(report)]
    environment = rig.emulator.environment | {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    pipe = subprocess.PIPE

    def read():
        with report.open(encoding="utf-8-sig", newline="") as lines:
            return {line["user_id"]: line for line in csv.DictReader(lines)}

    upload = {"FunctionName": rig.physical_id("UploadFunction")}
    rig.client("lambda").put_function_concurrency(**upload, ReservedConcurrentExecutions=0)
    with subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=pipe, stderr=pipe, text=True) as process:
        eventually(lambda: part.exists() and "n a" in part.read_text(encoding="utf-8-sig"))
        assert report.read_text() == "the former report\n"
        process.send_signal(stop)
        printed, errors = process.communicate()
    rig.client("lambda").delete_function_concurrency(**upload)
    assert process.returncode == 130
    assert printed.startswith("0 accepted, 0 unchanged, 1 rejected, 0 missing, 20 unknown; ")
    assert errors.splitlines()[1:] == ["Interrupted. The same command goes on from here."]
    assert list(read()) == ["n a", *names]
    assert len([reason for reason in reasons(read()).values() if reason == NOT_BEGUN]) >= len(names) - 8
    assert not part.exists()

    done = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("20 accepted, 0 unchanged, 1 rejected, 0 missing; "), done.stderr
    assert all(uploader.record(name).status_code == 200 for name in names)


@pytest.fixture
def interrupt_at(monkeypatch):
    """Press Ctrl-C as soon as the import says something."""

    def interrupt(line):
        def note(text):
            if text == line:
                raise KeyboardInterrupt

        monkeypatch.setattr(importing, "_PATIENCE", 0.1)
        monkeypatch.setattr(output, "note", note)

    return interrupt


def test_an_import_says_that_it_waits_for_an_api_that_is_gone_and_why(rig, folder, run, interrupt_at, monkeypatch):
    names = photos(folder, ["gone1", "gone2"])
    monkeypatch.setattr(Stack, "_outputs", rig.outputs | {"ApiEndpoint": "http://127.0.0.1:1"})
    interrupt_at("Waiting for 127.0.0.1: Connection refused.")
    monkeypatch.setattr(importing, "_GRACE", 30)  # less than all retries take
    add, added = Report.add, []

    def adding(report, outcome):
        added.append(outcome)
        add(report, outcome)

    monkeypatch.setattr(Report, "add", adding)
    code, printed, _, report = run(folder)
    assert (code, printed.split("; ")[0]) == (130, "0 accepted, 0 unchanged, 0 rejected, 0 missing, 2 unknown")
    assert len(added) == 2  # the uploads have ended, and are not merely left behind
    assert reasons(report) == dict.fromkeys(names, IN_FLIGHT)


def test_an_upload_that_hangs_is_in_the_report_as_unknown(api, folder, run, interrupt_at, monkeypatch):
    monkeypatch.setattr(importing, "_GRACE", 0)
    names, done = photos(folder, [f"hung{number}" for number in range(8)]), threading.Event()
    api.answers["PUT"] = lambda _: (done.wait(), (201, {}))[1]
    interrupt_at("Waiting for the uploads that are in flight.")
    code, _, _, report = run(folder)
    done.set()
    assert code == 130
    assert reasons(report) == dict.fromkeys(names, IN_FLIGHT)


@pytest.mark.usefixtures("_impatient")
def test_a_file_that_the_api_never_answers_to_holds_up_nobody(api, folder, run):
    photos(folder, [f"poison{number:02}" for number in range(30)])
    api.answers["PUT"] = lambda user_id: (502, {}) if user_id == "poison07" else (201, {})
    code, printed, errors, report = run(folder)
    assert (code, printed.split(";")[0]) == (1, "29 accepted, 0 unchanged, 0 rejected, 0 missing, 1 unknown")
    assert reasons(report) == {"poison07": "The API answers 502. Run the import again."}
    assert errors == "poison07.jpg: The API answers 502. Run the import again.\n"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((502, {}), "The API answers 502."),
        (
            (403, {"message": "Forbidden"}),
            "Your AWS credentials may not call the API. Attach the caller policy to them.",
        ),
    ],
)
@pytest.mark.usefixtures("_impatient")
def test_an_api_that_answers_nobody_ends_the_import(api, folder, run, answer, message):
    photos(folder, [f"nobody{number:03}" for number in range(200)])
    api.answers["PUT"] = lambda _: answer
    code, _, error, report = run(folder)
    assert (code, error) == (1, message)
    assert len(reasons(report)) == 200
    assert NOT_BEGUN in reasons(report).values()
    assert len(api.requests) < 200


def test_what_was_uploaded_counts_though_the_journal_cannot_be_written(api, folder, run, monkeypatch):
    names = photos(folder, [f"unwritten{number:02}" for number in range(20)])
    api.answers["PUT"] = lambda _: (201, {})

    def full(*_):
        raise StackError("journal.jsonl cannot be written: No space left on device.")

    monkeypatch.setattr(Journal, "add", full)
    code, _, error, report = run(folder)
    assert (code, error) == (1, "journal.jsonl cannot be written: No space left on device.")
    assert sorted(reasons(report, "accepted")) == sorted(user_id for _, user_id in api.requests)
    assert report.keys() == set(names)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_report_that_finds_the_disk_full_is_told_of_in_one_line(api, folder, headshot, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    photos(folder, ["full"])
    api.answers["PUT"] = lambda _: (201, {})
    code, printed, error = headshot("import", str(folder), "--report", "/dev/full")
    assert (code, printed, error) == (1, "", "/dev/full cannot be written: No space left on device.")
    assert Path("/dev/full").is_char_device()


def test_a_report_that_cannot_take_the_formers_place_leaves_it_and_what_is_known(
    api, folder, run, tmp_path, monkeypatch
):
    photos(folder, ["replaced"])
    api.answers["PUT"] = lambda _: (201, {})
    report = tmp_path / "report.csv"
    report.write_text("the former report\n")

    def busy(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", busy)
    code, _, error, _ = run(folder)
    assert (code, error) == (1, f"{report} cannot be written: Permission denied. {report}.part has what is known.")
    assert report.read_text() == "the former report\n"
    assert "replaced.jpg,accepted" in (tmp_path / "report.csv.part").read_text("utf-8-sig")
    assert not (tmp_path / "report.csv.tmp").exists()


def test_the_file_that_a_report_links_to_is_replaced_and_not_the_link(api, folder, run, tmp_path):
    photos(folder, ["linked"])
    api.answers["PUT"] = lambda _: (201, {})
    (tmp_path / "report.csv").symlink_to(tmp_path / "elsewhere.csv")
    assert run(folder)[3].keys() == {"linked"}
    assert (tmp_path / "report.csv").is_symlink()
