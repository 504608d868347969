"""What commands print: a table for a person, plain lines for a pipe, JSON for a script."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import track
from rich.table import Table

T = TypeVar("T")

_SHORT = 32

_STYLES = {"retrying": "yellow", "failed": "red"}


def show(rows: Iterable[Mapping[str, Any]], *, as_json: bool) -> None:
    """Print rows that all have the same members: as they come, unless a person wants to see them in columns."""
    if as_json:
        print(json.dumps(list(rows), ensure_ascii=False, indent=2))
    elif sys.stdout.isatty():
        _table(list(rows))
    else:
        for row in rows:
            print("\t".join(_text(value) for value in row.values()))


def show_one(item: Mapping[str, Any], *, as_json: bool) -> None:
    """Print one thing, a member a line."""
    if as_json:
        print(json.dumps(item, ensure_ascii=False, indent=2))
    else:
        width = max(map(len, item))
        for name, value in item.items():
            print(f"{name:{width}}  {_text(value)}")


def progress(items: Iterable[T], total: int) -> Iterator[T]:
    """Give the items on, with a bar that a person sees move."""
    console = Console(stderr=True)
    yield from track(items, "Importing", total=total, console=console, disable=not console.is_terminal)


def note(text: str) -> None:
    """Tell of something beside what the command prints."""
    print(text, file=sys.stderr)


def _table(rows: list[Mapping[str, Any]]) -> None:
    if rows:
        table = Table(box=None, header_style="bold", pad_edge=False, expand=True)
        for name in rows[0]:
            texts = [_text(row[name]) for row in rows]
            # Short ones stay whole. Sentences and addresses share what is left: those go on in the next line, these
            # are cut.
            sentence, longest = any(" " in text for text in texts), max(map(len, texts))
            ratio = None if longest <= _SHORT else 3 if sentence else 1
            table.add_column(name, no_wrap=not sentence, overflow="ellipsis", ratio=ratio)
        for row in rows:
            table.add_row(*(_text(value) for value in row.values()), style=_STYLES.get(row.get("published", "")))
        Console().print(table)
    Console(stderr=True).print(f"{len(rows)} in all", style="dim")


def _text(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(map(str, value)) or "none"
    return "" if value is None else str(value)
