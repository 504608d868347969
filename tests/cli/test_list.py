"""`headshot list`: photos by their publish status, and rejected files."""

import json
import sys

import pytest

from tests.awaiting import eventually
from tests.cli.fake_api import api
from tests.cli.records import published, recorded

__all__ = ["api", "recorded"]


def test_every_page_is_read_and_where_it_starts_is_quoted(api, headshot, tmp_path):
    api.pages = [["ada"], [], ["grace"]]
    people = tmp_path / "people.csv"
    people.write_text("user_id\nada\ngrace\nmary\n")
    assert headshot("list", "--without-photo", str(people)) == (0, "mary\tline 4\n", "")


@pytest.mark.parametrize("option", [[], ["--unpublished"]])
def test_waiting_for_an_account_is_told_from_a_failure(headshot, recorded, option):
    recorded("listed1", published("waiting", "Okta does not know this user."))
    recorded("listed2", published("failed", "Okta rejects."))
    recorded("listed3", published("published"))
    recorded("listed4")
    recorded("_default")
    lines = [line.split("\t") for line in headshot("list", *option)[1].splitlines()]
    rows = {line[0]: (line[2], line[4]) for line in lines if line[0].startswith(("listed", "_"))}
    assert rows == {
        "listed1": ("waiting for the account", "Okta does not know this user."),
        "listed2": ("failed", "Okta rejects."),
        "listed4": ("not tried", ""),
    } | ({} if option else {"listed3": ("published", "")})


def test_the_record_shows_why_a_photo_waits(headshot, recorded):
    recorded("listed1", published("waiting", "Okta does not know this user."))
    shown = headshot("show", "listed1")[1]
    assert "published  waiting for the account at 2026-11-23T22:25:35.713Z (attempts: 3): Okta does not know" in shown


def test_rejected_files_are_listed_with_the_reason(rig, headshot):
    bucket = rig.outputs["PhotosBucket"]
    rig.client("s3").put_object(Bucket=bucket, Key="dropbox/commandrejected.jpg", Body=b"no picture")

    def listed():
        found = json.loads(headshot("list", "--rejected", "--json")[1])
        return [row for row in found if row["user_id"] == "commandrejected"]

    [row] = eventually(listed)
    assert (row["file"], row["code"]) == ("commandrejected.jpg", "unsupported-format")


def test_names_from_outside_are_listed_as_they_are(rig, headshot, monkeypatch):
    names = ["commandmarkup[/red].jpg", "commandmarkup[link=https://example.com].jpg", "commandmarkup\u202e.jpg"]
    for name in names:
        rig.client("s3").put_object(Bucket=rig.outputs["PhotosBucket"], Key=f"dropbox/{name}", Body=b"no picture")

    def listed():
        found = json.loads(headshot("list", "--rejected", "--json")[1])
        return sum(row["user_id"].startswith("commandmarkup") for row in found) == len(names)

    eventually(listed)
    lines = [line.split("\t") for line in headshot("list", "--rejected")[1].splitlines()]
    assert {len(line) for line in lines} == {6}
    assert r"commandmarkup\u202e.jpg" in [line[1] for line in lines]
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")
    code, printed, _ = headshot("list", "--rejected")
    assert (code, "\x1b" in printed) == (0, False)
    for shown in ("red].jpg", "commandmarkup[link=https:", r"commandmarkup\u202e.jpg"):
        assert shown in printed
