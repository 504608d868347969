"""The replay itself: what counts as a command, and what counts as different."""

import pytest

from tests.docs.comparison import Comparison, Mismatch
from tests.docs.console import Step, steps

HASH, OTHER = "9a8cd93d3e5e8773cc8eab2132857e43", "644885d916ababdb73a3004ad676dfa5"


def differs(shown, printed):
    return Comparison().mismatch(shown.splitlines(), printed.splitlines())


@pytest.fixture
def page(tmp_path):
    def write(text):
        (tmp_path / "page.md").write_text(text)
        return tmp_path / "page.md"

    return write


def test_a_block_holds_commands_each_with_its_output(page):
    text = "# Title\n\n```console\n$ one \\\n  more\nfirst\n\nsecond\n\n$ two\n$ three\n```\n```sh\n$ no\n```\n"
    assert steps(page(text)) == [
        Step(4, "one \\\n  more", ["first", "", "second"]),
        Step(10, "two", []),
        Step(11, "three", []),
    ]


def test_the_line_of_the_output_is_known_below_a_command_of_several_lines(page):
    [step] = steps(page("```console\n$ one \\\n  more\nfirst\n```\n"))
    assert step.first_expected == 4


def test_a_block_in_a_list_is_read_without_its_indent(page):
    assert steps(page("1. Do:\n\n   ```console\n   $ one\n   {\n     two\n   ```\n")) == [
        Step(4, "one", ["{", "  two"])
    ]


@pytest.mark.parametrize("text", ["```console\nno command\n```\n", "```console\n$ not closed\n"])
def test_a_block_that_makes_no_sense_is_an_error(page, text):
    with pytest.raises(ValueError, match=r"page\.md:2|line 1"):
        steps(page(text))


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("photos  2", "photos  2"),
        ('"url": "…/ada.jpg",', '"url": "http://127.0.0.1/ada.jpg",'),
        ("{\n  …\n}", '{\n  "a": 1,\n  "b": 2\n}'),
        ("…\nlast", "last"),
        ("…", ""),
        ('"created": "2026-11-23T19:47:24.792Z"', '"created": "2027-01-01T00:00:00.000Z"'),
        ("Last-Modified: Mon, 23 Nov 2026 19:47:24 GMT", "Last-Modified: Tue, 24 Nov 2026 01:02:03 GMT"),
        ("Content-Length: 11204", "Content-Length: 11198"),
        (f"ETag: {HASH}", f"ETag: {OTHER}"),
        (f"{HASH}\n{HASH}", f"{OTHER}\n{OTHER}"),
    ],
)
def test_what_varies_or_is_shortened_may_differ(shown, printed):
    assert differs(shown, printed) is None


@pytest.mark.parametrize(
    ("shown", "printed", "at"),
    [
        ("photos  2", "photos  3", 0),
        ("first\nsecond", "first\nthird", 1),
        ("first\nsecond", "first", 1),
        ("first", "first\nsecond", 1),
        ("…\nlast", "first\nsecond", 1),
        ('"width": 512', '"width": 480', 0),
        ('"created": "2026-11-23T19:47:24.792Z"', '"created": null', 0),
        (f"{HASH}\n{HASH}", f"{OTHER}\n{HASH}", 1),
    ],
)
def test_a_line_that_differs_is_found(shown, printed, at):
    assert differs(shown, printed).at == at


def test_a_command_names_the_ids_of_this_run():
    comparison = Comparison()
    assert comparison.mismatch([f"url: /photos/{HASH}.jpg"], [f"url: /photos/{OTHER}.jpg"]) is None
    assert comparison.command(f"curl /photos/{HASH}.jpg") == f"curl /photos/{OTHER}.jpg"
    assert comparison.mismatch([f"ETag: {HASH}"], [f"ETag: {HASH}"]) == Mismatch(0, f"ETag: {HASH}", f"ETag: {HASH}")
