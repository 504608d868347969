"""`headshot put`, `show`, `check` and `contact-sheet`."""

import json
import sys
from html import escape

import pytest

from local import portrait


@pytest.fixture
def portrait_file(tmp_path):
    file = tmp_path / "ada.jpg"
    file.write_bytes(portrait.jpeg("Ada Lovelace", (300, 400)))
    return str(file)


def test_a_photo_is_put_shown_listed_and_checked(headshot, portrait_file, uploader):
    code, url, _ = headshot("put", "command@example.com", portrait_file)
    record = uploader.record("command@example.com").json()
    assert (code, url) == (0, record["url"] + "\n")

    shown = headshot("show", "command@example.com")[1].splitlines()
    assert {f"url        {record['url']}", "published  not tried"} <= set(shown)
    assert json.loads(headshot("show", "command@example.com", "--json")[1]) == record

    lines = [line.split("\t") for line in headshot("list")[1].splitlines()]
    assert ["command@example.com", record["updated"], "not tried", record["url"], ""] in lines
    assert "command@example.com" in [row["user_id"] for row in json.loads(headshot("list", "--json")[1])]

    code, steps, _ = headshot("check", "command@example.com")
    assert (code, [line[:5] for line in steps.splitlines()]) == (0, ["ok   "] * 5)


REJECTED = {
    "text": (b"no picture", "The file is not a picture that Headshot reads. Save"),
    "large": (bytes(5_000_000), "The file has 5,000,000 bytes; at most 4,500,000 are accepted. Scale"),
    "empty": (b"", "The file is empty. Replace it with a picture."),
    "small": (portrait.jpeg("small", (32, 32)), "The picture is 32 × 32 pixels; each side needs at least"),
}


@pytest.mark.parametrize("name", REJECTED)
def test_a_rejected_picture_is_explained_without_the_words_of_http(headshot, tmp_path, name):
    content, message = REJECTED[name]
    file = tmp_path / "rejected.jpg"
    file.write_bytes(content)
    code, printed, error = headshot("put", "rejected", str(file))
    assert (code, printed, len(error.splitlines())) == (1, "", 1)
    assert message in error
    for word in ("body", "base64", "Content-Type", "form,", "POST", "PUT", "API", "drop box"):
        assert word not in error


def test_verdicts_are_coloured_in_a_terminal_and_with_force_color_unless_told_not_to(headshot, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    assert "\x1b" not in headshot("check", "ftp://example.com")[1]
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert headshot("check", "ftp://example.com")[1].startswith("\x1b[31mFAIL\x1b[0m URL: ")
    monkeypatch.delenv("FORCE_COLOR")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert headshot("check", "ftp://example.com")[1].startswith("\x1b[31mFAIL\x1b[0m URL: ")
    monkeypatch.setenv("NO_COLOR", "1")
    assert headshot("check", "ftp://example.com")[1].startswith("FAIL URL: ")


def test_the_contact_sheet_shows_everyone(headshot, portrait_file, tmp_path):
    urls = [headshot("put", user, portrait_file)[1].strip() for user in ("sheet1", "o'sheet@example.com")]
    page = tmp_path / "sheet.html"
    assert headshot("contact-sheet", "--output", str(page))[1] == f"Open {page.as_uri()}\n"
    html = page.read_text("utf-8")
    assert all(f'src="{escape(url)}"' in html for url in urls)
    assert "<figcaption>o&#x27;sheet@example.com</figcaption>" in html
    assert html.count("<img") == len(json.loads(headshot("list", "--json")[1]))
