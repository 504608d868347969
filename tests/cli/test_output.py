"""What commands print in a terminal and in a pipe."""

import json
import re
import sys

import pytest

from headshot_cli import output

URL = "https://photos.example.com/photos/{}/9f86d081884c7d659a2feaa0c55ad015.jpg"
ERROR = "Okta answered 404: there is no such user. Use the id, the login or the e-mail address as user id."

# What file names, ids and vendors' errors may contain: rich's markup, colours, columns, lines, reversed text.
HOSTILE = {
    "[/red].jpg": "[/red].jpg",
    "[link=https://example.com]a[/link]": "[link=https://example.com]a[/link]",
    "\x1b[31mred\x1b]8;;https://example.com\x07": r"\x1b[31mred\x1b]8;;https://example.com\x07",
    "a\tb\nc\rd\x85e\x7f": r"a\tb\nc\rd\x85e\x7f",
    "\u202egpj.exe\u2066": r"\u202egpj.exe\u2066",
    "\udcff:smile:": r"\udcff:smile:",
    "Ädä 王小明": "Ädä 王小明",
}


@pytest.fixture
def seen(monkeypatch, capsys):
    """Show rows in a terminal of a width, and return its lines."""
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.delenv("FORCE_COLOR", raising=False)

    def shown(*rows, width=80, show=output.show):
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setenv("LINES", "25")
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        show(*rows, as_json=False)
        return capsys.readouterr().out.splitlines()

    return shown


def row(user_id, status, error=None):
    return {"user_id": user_id, "published": status, "url": URL.format(user_id), "error": error}


ROWS = [row("ada.lovelace@example.com", "published"), row("grace", "failed", ERROR)]


def test_a_long_list_is_laid_out_page_by_page_each_with_its_header(seen, monkeypatch):
    monkeypatch.setattr(output, "_PAGE", 2)
    rows = [{"user_id": name, "code": "x"} for name in ("ada", "bo", "grace")]
    assert seen(rows) == ["user_id  code", "ada      x", "bo       x", "user_id  code", "grace    x"]


def test_json_is_an_array_that_is_printed_row_by_row(capsys):
    cases: list[list[dict[str, object]]] = [[], [{"a": 1}], [{"a": 1}, {"a": {"b": ["\u2028"]}}]]
    for rows in cases:
        output.show(iter(rows), as_json=True)
        assert capsys.readouterr().out == output.to_json(rows) + "\n"


def test_columns_that_do_not_fit_go_below_their_row(seen):
    assert seen(ROWS) == [
        "user_id                   published",
        "  url, error",
        "ada.lovelace@example.com  published",
        f"  {URL.format('ada.lovelace@example.com')}",
        "grace                     failed",
        f"  {URL.format('grace')}",
        "  Okta answered 404: there is no such user. Use the id, the login or the e-mail",
        "  address as user id.",
    ]


def test_a_single_long_id_gets_a_line_of_its_own(seen):
    rows = [
        {"user_id": name, "at": "2026-11-23T22:25:33.501Z", "code": "invalid-user-id"} for name in ("x" * 50, "ada")
    ]
    assert seen(rows) == [
        "user_id  at                        code",
        "x" * 50,
        "         2026-11-23T22:25:33.501Z  invalid-user-id",
        "ada      2026-11-23T22:25:33.501Z  invalid-user-id",
    ]


def test_a_wide_terminal_has_all_columns(seen):
    head, first, second = seen(ROWS, width=280)
    assert head.split() == ["user_id", "published", "url", "error"]
    assert first.split() == ["ada.lovelace@example.com", "published", URL.format("ada.lovelace@example.com")]
    assert second.endswith(ERROR)
    assert head.index("error") == second.index(ERROR)


def test_wide_characters_take_two_columns(seen):
    lines = seen([{"user_id": "王小明", "name": "a"}, {"user_id": "grace", "name": "b"}])
    assert lines == ["user_id  name", "王小明   a", "grace    b"]


def test_a_long_sentence_is_indented_below_its_start(seen):
    assert seen({"user_id": "grace", "error": ERROR}, show=output.show_one) == [
        "user_id  grace",
        "error    Okta answered 404: there is no such user. Use the id, the login or the",
        "         e-mail address as user id.",
    ]


def test_a_note_is_wrapped_in_a_terminal_only(monkeypatch, capsys):
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    output.note(ERROR)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    output.note(ERROR)
    whole, *lines = capsys.readouterr().err.splitlines()
    assert (whole, " ".join(lines), len(lines)) == (ERROR, ERROR, 2)


def test_a_list_has_a_line_for_each_item(seen):
    lines = seen({"photos": 0, "alarms": ["One.", "Two."], "more": []}, show=output.show_one)
    assert lines == ["photos  0", "alarms  One.", "        Two.", "more    none"]


def test_no_rows_print_nothing(seen):
    assert seen([]) == []


def test_force_color_makes_a_pipe_a_terminal_of_columns_width(monkeypatch, capsys):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "60")
    output.show(ROWS, as_json=False)
    output.verdict("FAIL", "red", ERROR)
    output.under_verdict(ERROR)
    text = capsys.readouterr().out
    lines = re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()
    assert lines[:3] == ["user_id                   published", "  url, error", "ada.lovelace@example.com  published"]
    assert lines[-4:] == [
        "FAIL Okta answered 404: there is no such user. Use the id,",
        "     the login or the e-mail address as user id.",
        "     Okta answered 404: there is no such user. Use the id,",
        "     the login or the e-mail address as user id.",
    ]
    assert "\x1b[31mFAIL\x1b[0m Okta" in text


@pytest.mark.parametrize(("text", "printed"), HOSTILE.items())
def test_text_from_outside_is_neither_markup_nor_control_characters(seen, capsys, monkeypatch, text, printed):
    rows = [{"user_id": text, "error": text}, {"user_id": "ada", "error": f"It says {text}"}]
    _, first, second = seen(rows, width=200)
    assert first.startswith(f"{printed}  ")
    assert second.endswith(f"  It says {printed}")
    assert seen({"error": text}, show=output.show_one) == [f"error  {printed}"]

    monkeypatch.setattr(sys.stdout, "isatty", lambda: False)
    output.show(rows, as_json=False)
    output.show_one({"name": text}, as_json=False)
    output.say(text)
    output.note(text)
    piped = capsys.readouterr()
    assert piped.out.splitlines() == [
        f"{printed}\t{printed}",
        f"ada\tIt says {printed}",
        f"name  {printed}",
        printed,
    ]
    assert piped.err == f"{printed}\n"

    output.show(rows, as_json=True)
    piped = capsys.readouterr().out
    assert json.loads(piped) == rows
    assert all(char.isprintable() or char == "\n" for char in piped)
