"""A CSV file that maps image files to users."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from headshot_cli.sources import Candidate, NoPicture
from headshot_cli.stack import StackError

# Characters of one field. Python's own limit, 131,072, would end the whole file.
_LONGEST_FIELD = 2**31 - 1

_SEPARATORS = ",;\t"

# Bytes that are not UTF-8, as Python keeps them in a string (PEP 383).
_ESCAPED = set(map(chr, range(0xDC80, 0xDD00)))


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a line for each user: the user id in the column `user_id`, and in `file` a path beside the table.

    The first line names the columns, in upper or lower case. They are separated by commas, semicolons or tabs, as Excel
    writes them in different countries, or by the character in a line `sep=`. A byte-order mark is allowed. The column
    `file` is not needed to list people.
    """

    table: Path
    user_id: str

    def candidates(self) -> list[Candidate]:
        """Return the lines that are not empty, in order."""
        return list(self._lines())

    def _lines(self) -> Iterator[Candidate]:
        csv.field_size_limit(_LONGEST_FIELD)
        text, separator, skipped = _separated(_decoded(self.table))
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
        names = [name.strip().casefold() for name in next(lines, [])]
        if self.user_id.casefold() not in names:
            raise StackError(f"The first line of {self.table} does not name a column {self.user_id}.")
        last = skipped + lines.line_num
        for values in lines:
            first, last = last + 1, skipped + lines.line_num
            line = dict(zip(names, map(str.strip, values), strict=False))
            if any(line.values()):
                user_id, file = line.get(self.user_id.casefold(), ""), line.get("file", "")
                read = partial(self._read, file if "file" in names else None)
                yield Candidate(user_id, file or f"line {first}", read, _flaw(user_id, file, first, last))

    def _read(self, file: str | None) -> bytes:
        if file is None:
            raise StackError(f"The first line of {self.table} does not name a column file.")
        if not file:
            raise NoPicture(f"{self.table.name} names no file")
        return (self.table.parent / file).read_bytes()


def _flaw(user_id: str, file: str, first: int, last: int) -> str:
    if "\n" in user_id + file:
        return f"Lines {first} to {last} are read as one, because a quotation mark is not closed. Close it."
    return "" if user_id else f"Line {first} has no user id. Add it."


def _separated(text: str) -> tuple[str, str, int]:
    """Return the table, its separator, and how many lines were skipped: a line such as `sep=;`, which Excel obeys."""
    if announced := re.match(r"sep=(.)\r?\n", text, re.IGNORECASE):
        return text[announced.end() :], announced[1], 1
    first = text.partition("\n")[0]
    return text, max(_SEPARATORS, key=first.count), 0


def _decoded(table: Path) -> str:
    """Decode UTF-8 or UTF-16 by its byte-order mark, else UTF-8, else Windows-1252 as Excel writes it in the West.

    A byte that cannot be decoded is kept as in file names (PEP 383), so that it affects its own line only.
    """
    data = table.read_bytes()
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    text = data.decode("utf-8-sig", errors="surrogateescape")
    others = {char for char in text if not char.isascii()}
    is_utf_8 = data.startswith(codecs.BOM_UTF8) or not others <= _ESCAPED
    return text if is_utf_8 or not others else data.decode("cp1252", errors="surrogateescape")
