"""The report of an import: a CSV file with the result for each candidate."""

import csv
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from headshot_cli.importing import IN_FLIGHT, RESULTS, Result, ResultName
from headshot_cli.output import plain, writing
from headshot_cli.sources import Candidate
from headshot_cli.stack import StackError

_ORDER = ["rejected", "unknown", "missing", "accepted", "unchanged"]

# Characters that begin a formula in a spreadsheet ("CSV Injection", OWASP).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Report:
    """A CSV file with a line for each candidate. Those that need attention come first.

    Results are written as they arrive, to a file beside it that ends in `.part`; the previous import's report stays
    until the new one is complete. Anything but a regular file, such as /dev/stdout, is written at the end.
    """

    def __init__(self, file: Path, candidates: list[Candidate]) -> None:
        """Open the file before the import starts. Raise StackError if it cannot be written."""
        self._path, self._candidates = file, candidates
        self._results: dict[int, Result] = {}
        self._part = None if file.exists() and not file.is_file() else _beside(file, ".part")
        with writing(file):
            self._file = (self._part or file).open("w", newline="", encoding="utf-8-sig")
            self._write([_HEADER] if self._part else [])

    @property
    def counts(self) -> dict[ResultName, int]:
        """The number of candidates with each result; those without a result count as "unknown"."""
        counted = Counter(result.name for result in self._complete())
        return {name: counted[name] for name in RESULTS}

    @property
    def stored(self) -> list[str]:
        """The ids of the users whose picture is their photo now."""
        return [result.candidate.user_id for result in self._complete() if result.name in {"accepted", "unchanged"}]

    def add(self, result: Result) -> None:
        """Add a result. Raise StackError if it cannot be written."""
        self._results[id(result.candidate)] = result
        if self._part:
            with writing(self._path):
                self._write([_line(result)])

    def close(self) -> None:
        """Write the file. Raise StackError if it cannot be written; the previous report then stays."""
        ordered = sorted(self._complete(), key=lambda result: (_ORDER.index(result.name), result.candidate.name))
        lines = [_HEADER, *map(_line, ordered)]
        with writing(self._path):
            if self._part is None:
                with self._file:
                    self._write(lines)
                return
            self._file.close()
        whole = _beside(self._path, ".tmp")
        try:
            with whole.open("w", newline="", encoding="utf-8-sig") as self._file:
                self._write(lines)
            whole.replace(self._path.resolve())  # the target of a link, not the link
        except OSError as error:
            whole.unlink(missing_ok=True)
            why = f"{self._path} cannot be written: {error.strerror}."
            raise StackError(f"{why} {self._part} has the results so far.") from error
        self._part.unlink()

    def _complete(self) -> Iterable[Result]:
        unknown = (Result(candidate, "unknown", IN_FLIGHT) for candidate in self._candidates)
        return [self._results.get(id(result.candidate), result) for result in unknown]

    def _write(self, lines: Iterable[list[str]]) -> None:
        csv.writer(self._file).writerows(lines)
        self._file.flush()


_HEADER = ["user_id", "picture", "result", "reason"]


def _beside(file: Path, ending: str) -> Path:
    return file.resolve().with_name(file.resolve().name + ending)


def _line(result: Result) -> list[str]:
    return [_cell(text) for text in (result.candidate.user_id, result.candidate.name, result.name, result.reason)]


def _cell(text: str) -> str:
    text = plain(text)
    return f"'{text}" if text.startswith(_FORMULA) else text
