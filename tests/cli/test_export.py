"""`headshot export` and `headshot show --history`."""

import csv
import json

import pytest

from local import portrait
from tests.awaiting import eventually
from tests.stack.dropbox import drop

__all__ = ["drop"]

ADA, GRACE = (portrait.jpeg(name, (300, 400)) for name in ("Ada Lovelace", "Grace Hopper"))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "export"


def rows(folder):
    with (folder / "photos.csv").open(newline="", encoding="utf-8-sig") as file:
        return {row["user_id"]: row for row in csv.DictReader(file)}


def test_everything_about_a_person_is_exported(headshot, uploader, drop, rig, folder):
    records = [uploader.upload("exported", image).json() for image in (ADA, GRACE)]
    uploader.upload("exported.too", ADA)
    drop("exported.png", b"no picture")
    eventually(lambda: rig.objects("rejected/exported"))
    letters = rig.outputs["IngestDeadLetterQueue"]
    body = json.dumps({"detail": {"object": {"key": "dropbox/exported.png"}}})
    rig.client("sqs").send_message(QueueUrl=letters, MessageBody=body)
    code, printed, error = headshot("export", "exported", "--output", str(folder))
    rig.client("sqs").purge_queue(QueueUrl=letters)
    assert (code, error) == (0, "")
    assert printed.endswith(f"see {folder / 'index.json'}\n")

    index = json.loads((folder / "index.json").read_text("utf-8"))
    held = index["record"]
    assert (held["version"], held["bytes"], held["schema"]) == (records[1]["version"], records[1]["bytes"], 1)
    assert [change["action"] for change in held["history"]] == ["set", "set"]
    kept = {file["key"].partition("/")[0]: folder / file["file"] for file in index["files"]}
    assert kept["photos"].read_bytes() == uploader.get(records[1]["url"]).content
    assert kept["superseded"].read_bytes() == uploader.get(records[0]["url"]).content
    assert kept["rejected"].read_bytes() == b"no picture"
    assert [upload["status"] for upload in index["uploads"]] == ["rejected"]
    assert "exported.too" not in json.dumps(index)
    assert index["dead_letters"] == [body]
    assert {file.name for file in folder.iterdir()} == {"index.json", *(file["file"] for file in index["files"])}


def test_there_is_nothing_to_export_about_an_unknown_person(headshot, folder):
    assert headshot("export", "nobody-here", "--output", str(folder)) == (1, "", "Nothing is stored for nobody-here.")
    assert not folder.exists()


def test_a_person_or_everyone_must_be_named(headshot):
    for arguments in ([], ["ada", "--all"]):
        assert headshot("export", *arguments)[0] == 2


def test_everyones_photo_is_exported_and_an_interrupted_export_resumes(headshot, uploader, folder):
    made = {name: uploader.upload(name, ADA).json() for name in ("all.one", "o'all@example.com")}
    code, printed, _ = headshot("export", "--all", "--output", str(folder))
    assert (code, printed.endswith(f"see {folder / 'photos.csv'}\n")) == (0, True)
    for name, record in made.items():
        assert (folder / f"{name}.jpg").read_bytes() == uploader.get(record["url"]).content
        row = rows(folder)[name]
        assert (row["file"], row["version"], row["published"]) == (f"{name}.jpg", record["version"], "untried")

    total = len(rows(folder))
    (folder / "all.one.jpg").write_bytes(b"half")
    (folder / "photos.csv").unlink()
    printed = headshot("export", "--all", "--output", str(folder))[1]
    assert printed.startswith(f"Photos: {total}, new: 1;")
    assert (folder / "all.one.jpg").read_bytes() == uploader.get(made["all.one"]["url"]).content
    report = folder / "report.csv"
    headshot("import", str(folder / "photos.csv"), "--dry-run", "--report", str(report))
    results = {row["user_id"]: row["result"] for row in csv.DictReader(report.read_text("utf-8-sig").splitlines())}
    assert {name: results[name] for name in made} == dict.fromkeys(made, "accepted")  # other tests' people may clash


def test_the_history_is_shown_also_of_an_erased_person(headshot, uploader):
    version = uploader.upload("shown.history", ADA).json()["version"]
    code, printed, _ = headshot("show", "shown.history", "--history")
    assert (code, printed.split("\t")[1:3], printed.split("\t")[4]) == (0, ["set", "api"], version)
    headshot("erase", "shown.history", "--yes")
    [erasure] = json.loads(headshot("show", "shown.history", "--history", "--json")[1])
    assert (erasure["action"], erasure["way"]) == ("erased", "api")
    code, _, error = headshot("show", "never.known", "--history")
    assert (code, "was not erased" in error) == (1, True)
