"""The console blocks of a Markdown page: commands, each with the output that the page shows for it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROMPT = "$ "

_FENCE = re.compile(r"( *)(`{3,})(\w*)\s*$")


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a page, the output printed below it, and the number of the command's line."""

    line: int
    command: str
    expected: list[str]

    @property
    def first_expected(self) -> int:
        """Return the number of the line on which the output starts."""
        return self.line + self.command.count("\n") + 1


def blocks(text: str) -> Iterator[tuple[str, int, list[str]]]:
    """Return each fenced block: its language, the number of its first line, its lines without the block's indent.

    Raise ValueError if a block is not closed.
    """
    lines = iter(enumerate(text.splitlines(), 1))
    for number, line in lines:
        if opened := _FENCE.match(line):
            indent, fence, language = opened.groups()
            content = []
            for _, inner in lines:
                if inner.strip() == fence:
                    break
                content.append(inner.removeprefix(indent))
            else:
                raise ValueError(f"the block that starts on line {number} is not closed")
            yield language, number + 1, content


def steps(page: Path) -> list[Step]:
    """Return the commands of all console blocks of a page, in order.

    Raise ValueError if a block starts with something else than a command.
    """
    found: list[Step] = []
    for language, first, lines in blocks(page.read_text("utf-8")):
        if language == "console":
            found += _steps(page, first, lines)
    return found


def _steps(page: Path, first: int, lines: list[str]) -> list[Step]:
    if not lines or not lines[0].startswith(PROMPT):
        raise ValueError(f"{page.name}:{first}: a console block starts with a command, such as `$ make run`")
    found: list[Step] = []
    unfinished = False
    for number, line in enumerate(lines, first):
        if unfinished:
            last = found.pop()
            found.append(Step(last.line, f"{last.command}\n{line}", []))
        elif line.startswith(PROMPT):
            found.append(Step(number, line.removeprefix(PROMPT), []))
        else:
            found[-1].expected.append(line.rstrip())
            continue
        unfinished = line.endswith("\\")
    for step in found:
        while step.expected and not step.expected[-1]:
            step.expected.pop()
    return found
