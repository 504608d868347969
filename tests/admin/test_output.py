"""What a person sees in a terminal."""

import sys

import pytest

from admin import output

URL = "https://photos.example.com/photos/{}/9f86d081884c7d659a2feaa0c55ad015.jpg"
ERROR = "Okta answered 404: there is no such user. Use the id, the login or the e-mail address as user id."


@pytest.fixture
def seen(monkeypatch, capsys):
    """Show rows in a terminal of 80 columns, and give its lines."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "dumb")

    def shown(*rows):
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        output.show(rows, as_json=False)
        return capsys.readouterr().out.splitlines()

    return shown


def row(user_id, state, error=""):
    return {"user_id": user_id, "published": state, "url": URL.format(user_id), "error": error}


def test_short_columns_stay_whole_and_addresses_are_cut(seen):
    head, *lines = seen(row("ada.lovelace@example.com", "published"), row("grace", "not tried"))
    assert head.split() == ["user_id", "published", "url", "error"]
    assert [line.split()[0] for line in lines] == ["ada.lovelace@example.com", "grace"]
    assert lines[0].split("  ")[1] == "published"
    assert all("https://photos" in line and "…" in line and len(line) <= 80 for line in lines)


def test_a_sentence_goes_on_in_the_next_line(seen):
    lines = seen(row("ada", "failed", ERROR))
    words = " ".join(line[line.index("…") + 1 :] if "…" in line else line for line in lines[1:])
    assert " ".join(words.split()) == ERROR


def test_nobody_is_no_table(seen):
    assert seen() == []
