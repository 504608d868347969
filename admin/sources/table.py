"""A CSV file that maps image files to users."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from admin.sources import Candidate, NoPicture, unique
from admin.stack import StackError


@dataclass(frozen=True, slots=True)
class Table:
    """A line for each user, with the user id in the column `user_id` and an image file, from where the table lies.

    The first line names the columns. Commas, semicolons or tabs part them, as Excel has it in different countries; a
    byte-order mark is no matter. The column `file` may be missing where only the people are asked for.
    """

    table: Path
    user_id: str

    def candidates(self) -> list[Candidate]:
        """Give the lines in their order, but for those without a user id."""
        return unique(self._lines())

    def _lines(self) -> Iterator[Candidate]:
        text = _decoded(self.table)
        first = text.partition("\n")[0]
        separator = max(",;\t", key=first.count)
        lines = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
        if self.user_id not in (lines.fieldnames or []):
            raise StackError(f"The first line of {self.table} does not name a column {self.user_id}.")
        for line in lines:
            user_id, file = ((line.get(column) or "").strip() for column in (self.user_id, "file"))
            if user_id:
                read = partial(self._read, file if "file" in line else None)
                yield Candidate(user_id, file or f"line {lines.line_num}", read)

    def _read(self, file: str | None) -> bytes:
        if file is None:
            raise StackError(f"The first line of {self.table} does not name a column file.")
        if not file:
            raise NoPicture(f"{self.table.name} names no file")
        return (self.table.parent / file).read_bytes()


def _decoded(table: Path) -> str:
    """Read UTF-8 or UTF-16 by its byte-order mark, else what Excel writes in the West."""
    data = table.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
