"""A folder of image files, named after their users or listed in a CSV file."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from admin.sources import Candidate
from admin.stack import StackError

_IMAGE = re.compile(r"\.(jpe?g|png|gif|webp|heic|heif|avif|jxl|tiff?|bmp)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Folder:
    """Image files whose names, without the ending, are user ids. Other files are left alone."""

    folder: Path

    def candidates(self) -> Iterator[Candidate]:
        """Give the files in the order of their names. Of two for one user, the second is a mistake to be told of."""
        seen: dict[str, str] = {}
        for file in sorted(self.folder.iterdir()):
            if not file.is_file() or not _IMAGE.search(file.name):
                continue
            user_id = _IMAGE.sub("", file.name)
            if user_id in seen:
                raise StackError(f"{seen[user_id]} and {file.name} are both named after {user_id}. Take one away.")
            seen[user_id] = file.name
            yield Candidate(user_id, file.name, file.read_bytes)

    def __len__(self) -> int:
        """Tell how many files there are."""
        return sum(1 for _ in self.folder.iterdir())


@dataclass(frozen=True, slots=True)
class Mapping:
    """Image files that a CSV file maps to users, a line each.

    The first line names the columns, `file` and `user_id` among them. Commas or semicolons part them, as Excel has it
    in different countries; a byte-order mark is no matter.
    """

    table: Path
    folder: Path

    def candidates(self) -> Iterator[Candidate]:
        """Give the lines in their order. A file that does not exist is one of which there is no picture."""
        text = _decoded(self.table)
        separator = ";" if text.partition("\n")[0].count(";") else ","
        lines = csv.DictReader(text.splitlines(), delimiter=separator, skipinitialspace=True)
        if not {"file", "user_id"} <= set(lines.fieldnames or []):
            raise StackError(f"The first line of {self.table} has to name the columns file and user_id.")
        seen = set[str]()
        for line in lines:
            user_id, name = (line["user_id"] or "").strip(), (line["file"] or "").strip()
            if not user_id or not name:
                continue
            if user_id in seen:
                raise StackError(f"{self.table} has {user_id} twice. Take one line away.")
            seen.add(user_id)
            file = self.folder / name
            yield Candidate(user_id, name, file.read_bytes if file.is_file() else None)

    def __len__(self) -> int:
        """Tell how many lines there are."""
        return len(_decoded(self.table).splitlines())


def _decoded(table: Path) -> str:
    """Read UTF-8, with or without a byte-order mark, else what Excel writes in the West."""
    data = table.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
