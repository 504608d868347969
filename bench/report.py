"""Prints figures."""

from collections.abc import Iterable


def table(title: str, head: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Print a Markdown table."""
    lines = [list(head), *map(list, rows)]
    lines.insert(1, ["---"] + ["--:"] * (len(lines[0]) - 1))
    print(f"\n{title}\n")
    for line in lines:
        print(f"| {' | '.join(line)} |", flush=True)
