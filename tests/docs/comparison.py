"""What a page shows, compared with what a command has printed.

`…` in a line stands for any text, a line of nothing else for any lines. What differs from run to run may differ here:
times, sizes, the emulator's generated names. Hashes and ids may differ, too, but one of the page always stands for the
same one of the run, in commands as well.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

ELLIPSIS = "…"

_HEX = r"[0-9a-f]"
_UUID = rf"{_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}"
_ID = rf"{_UUID}|\b{_HEX}{{32}}\b"
_VARYING = (
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z",  # RFC 3339
    r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT",  # RFC 9110 §5.6.7
    r"(?<=apigw-requestid: )\S+",
    r"(?<=headshot-photosbucket-)\w+",
    r"(?<=\b\d{12}:headshot-)\w+-\w+",
    r'(?:(?<="bytes": )|(?<=bytes      )|(?<=Content-Length: ))\d+',  # encoders differ between processors
    r"\d:\d\d:\d\d(?=$)",  # how long a progress bar took
)
_PARTS = re.compile(f"({_ID})|{'|'.join(f'({pattern})' for pattern in _VARYING)}|({ELLIPSIS})", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The first line that differs: its place in the expected output, and both lines. None stands for the end."""

    at: int
    expected: str | None
    printed: str | None


@dataclass(slots=True)
class Comparison:
    """The comparisons of one page. `ids` maps the hashes and ids of the page to those of this run."""

    ids: dict[str, str] = field(default_factory=dict)

    def command(self, text: str) -> str:
        """Return a command with the page's ids replaced by those of this run."""
        return re.sub(_ID, lambda found: self.ids.get(found[0], found[0]), text)

    def mismatch(self, expected: list[str], printed: list[str]) -> Mismatch | None:
        """Return the first difference, or None, and then remember the ids."""
        furthest = Mismatch(0, None, None)
        # Every way to read the page so far: the next lines to compare, and the ids of this reading.
        readings = [(0, 0, self.ids)]
        while readings:
            at, shown, ids = readings.pop()
            wanted = expected[at] if at < len(expected) else None
            line = printed[shown] if shown < len(printed) else None
            if wanted is None and line is None:
                self.ids = ids
                return None
            if wanted is not None and wanted.strip() == ELLIPSIS:
                if line is not None:
                    readings.append((at, shown + 1, ids))
                readings.append((at + 1, shown, ids))
                continue
            if wanted is not None and line is not None and (known := _matched(wanted, line, ids)) is not None:
                readings.append((at + 1, shown + 1, known))
            elif at >= furthest.at:
                furthest = Mismatch(at, wanted, line)
        return furthest


def _matched(expected: str, printed: str, ids: dict[str, str]) -> dict[str, str] | None:
    """Return `ids` with those that the line adds, or None if the line is another."""
    pattern, names, end = "", list[str](), 0
    for part in _PARTS.finditer(expected):
        pattern += re.escape(expected[end : part.start()])
        end = part.end()
        if part[1]:
            pattern += f"({_ID})"
            names.append(part[0])
        else:
            pattern += next(
                (f"(?:{varying})" for varying, found in zip(_VARYING, part.groups()[1:], strict=False) if found), ".*"
            )
    found = re.fullmatch(pattern + re.escape(expected[end:]), printed)
    return _agreed(ids, zip(names, found.groups(), strict=True)) if found else None


def _agreed(ids: dict[str, str], pairs: Iterable[tuple[str, str]]) -> dict[str, str] | None:
    known = dict(ids)
    for name, value in pairs:
        if known.setdefault(name, value) != value:
            return None
    return known
