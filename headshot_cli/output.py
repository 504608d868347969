"""What commands print: columns in a terminal, plain lines in a pipe, JSON for scripts.

As rich has it, FORCE_COLOR makes any output a terminal's, COLUMNS sets its width, and NO_COLOR removes the colours.
Text from outside (file names, ids, vendors' errors) is never markup, and its control characters are escaped.
"""

import json
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any, TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Span, Text

from headshot_cli.stack import StackError

_GAP, _INDENT = "  ", "  "

_MARK = len("FAIL ")

_SHORT = 32  # cells that are enough for an id in most directories

_PAGE = 1000  # rows that are laid out together

_STYLES = {"retrying": "yellow", "waiting for the account": "yellow", "failed": "red"}


def plain(text: str) -> str:
    """Return text with every non-printable character escaped as in Python, such as ESC as x1b.

    This keeps a file name from moving the cursor, colouring the terminal, reversing the text after it or adding a
    column.
    """
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def sentence(error: BaseException) -> str:
    """Return an error's text for stderr, on one line unless stderr is a terminal."""
    return wrapped(plain(" ".join(str(error).split())), sys.stderr)


def wrapped(text: str, stream: TextIO, indent: int = 0) -> str:
    """Return a sentence, broken between words if it goes to a terminal, which would break it anywhere.

    The caller has used `indent` columns of the first line; the other lines are indented by as many.
    """
    console = Console(file=stream)
    if not console.is_terminal:
        return text
    return f"\n{'':{indent}}".join(_lines(text, console.width - indent))


def to_json(value: object) -> str:
    """Return JSON in which every non-printable character is escaped (RFC 8259 §7)."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return "".join(char if char.isprintable() or char == "\n" else _escaped(char) for char in text)


def show(rows: Iterable[Mapping[str, Any]], *, as_json: bool) -> None:
    """Print rows that all have the same members: one by one, or in columns in a terminal.

    If `rows` raises, those before have been printed, and an array in JSON has no end.
    """
    if as_json:
        _list(rows)
    elif Console().is_terminal:
        _lay_out({name: _text(value) for name, value in row.items()} for row in rows)
    else:
        for row in rows:
            print("\t".join(_text(value) for value in row.values()))


def show_one(item: Mapping[str, Any], *, as_json: bool) -> None:
    """Print one line for each member, and one for each item of a member that is a list."""
    if as_json:
        print(to_json(item))
        return
    console, width = Console(), max(map(len, item))
    room = console.width - width - len(_GAP)
    for name, value in item.items():
        texts = [_text(item) for item in value] or ["none"] if isinstance(value, list) else [_text(value)]
        lines = [line for text in texts for line in _lines(text, room)] if console.is_terminal else texts
        for label, line in zip_longest([name], lines, fillvalue=""):
            print(f"{label:{width}}{_GAP}{line}")


def say(text: str) -> None:
    """Print a sentence."""
    print(wrapped(plain(text), sys.stdout))


def note(text: str) -> None:
    """Print a sentence to stderr, apart from the command's result."""
    print(wrapped(plain(text), sys.stderr), file=sys.stderr)


def verdict(mark: str, colour: str, text: str) -> None:
    """Print a sentence after a coloured mark of up to four letters, and indent its other lines accordingly."""
    start = f"{mark:{_MARK}}"
    line = f"{start}{wrapped(plain(text), sys.stdout, _MARK)}"
    Console(highlight=False).print(Text(line, spans=[Span(0, len(mark), colour)]), soft_wrap=True)


def under_verdict(text: str) -> None:
    """Print a sentence below a verdict's text."""
    print(f"{'':{_MARK}}{wrapped(plain(text), sys.stdout, _MARK)}")


@contextmanager
def writing(file: Path) -> Iterator[None]:
    """Raise StackError, which names `file`, if the block cannot write it."""
    try:
        yield
    except OSError as error:
        raise StackError(f"{file} cannot be written: {error.strerror}.") from error


@contextmanager
def progress(total: int) -> Iterator[Callable[[], None]]:
    """Show a progress bar on a terminal, and yield a function that advances it by one."""
    columns = (
        TextColumn("Importing"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    # Not where FORCE_COLOR stands in for a terminal: the bar would move a cursor that does not exist.
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        yield partial(bar.advance, bar.add_task("", total=total))


def _list(rows: Iterable[Mapping[str, Any]]) -> None:
    """Print a JSON array, row by row."""
    mark = "["
    for row in rows:
        print(mark, textwrap.indent(to_json(row), "  "), sep="\n", end="")
        mark = ","
    print("[]" if mark == "[" else "\n]")


def _lay_out(rows: Iterable[dict[str, str]]) -> None:
    """Print rows in columns, page by page. If they are wider than the terminal, the longest columns go below each row.

    Each page has a header, and columns of its own width.
    """
    console, count, remaining = Console(), 0, iter(rows)
    while page := list(islice(remaining, _PAGE)):
        _lay_out_page(console, page)
        count += len(page)
    _write(Console(stderr=True), [f"{count} in all"], "dim")


def _lay_out_page(console: Console, rows: list[dict[str, str]]) -> None:
    columns = _columns(rows, console.width)
    below = [name for name in rows[0] if name not in columns]
    room = console.width - len(_INDENT)
    header = _line(columns, {name: name for name in columns})
    _write(console, [*header, *([_INDENT + ", ".join(below)] if below else [])], "bold")
    for row in rows:
        details = [_INDENT + part for name in below if row[name] for part in _lines(row[name], room)]
        _write(console, [*_line(columns, row), *details], _STYLES.get(row.get("published", ""), ""))


def _columns(rows: list[dict[str, str]], width: int) -> dict[str, int]:
    """Return the columns that fit, with their widths: the first one and the shortest of the others."""
    first, *others = rows[0]
    widths = {name: max(cell_len(name), *(cell_len(row[name]) for row in rows)) for name in rows[0]}
    if sum(widths.values()) + len(_GAP) * len(others) <= width:
        return widths
    # A single long id does not widen the column for all: it gets a line of its own.
    widths[first] = max(cell_len(first), *(cell_len(row[first]) for row in rows if cell_len(row[first]) <= _SHORT), 0)
    while others and sum(widths[name] + len(_GAP) for name in others) + widths[first] > width:
        others.remove(max(others, key=widths.__getitem__))
    return {name: widths[name] for name in widths if name in {first, *others}}


def _line(columns: dict[str, int], row: Mapping[str, str]) -> list[str]:
    """Return a row's columns as one line, or as two if the first member is longer than its column."""
    first = next(iter(columns))
    if cell_len(row[first]) > columns[first] and len(columns) > 1:
        return [row[first], *_line(columns, {**row, first: ""})]
    return [_GAP.join(row[name] + " " * (width - cell_len(row[name])) for name, width in columns.items()).rstrip()]


def _write(console: Console, lines: Iterable[str], style: str) -> None:
    """Print lines unbroken: the terminal breaks those that are too long, and still copies them whole."""
    for line in lines:
        console.print(Text(line, style), soft_wrap=True)


def _lines(text: str, width: int) -> list[str]:
    """Break a sentence into lines, but never within a word, such as a URL."""
    return textwrap.wrap(text, max(width, 20), break_long_words=False, break_on_hyphens=False) or [""]


def _text(value: object) -> str:
    return "" if value is None else plain(str(value))


def _escaped(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
