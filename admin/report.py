"""What became of everybody in an import, as a file."""

import csv
from pathlib import Path

from admin.importing import OUTCOMES, Outcome
from admin.output import writing

_ORDER = ["refused", "missing", "accepted", "unchanged"]


class Report:
    """A CSV file with a line for each outcome, what needs looking at first; `counts` has how many there are of each."""

    def __init__(self, file: Path) -> None:
        """Open the file, so that an import need not end without. Raises StackError if that can't be."""
        with writing(file):
            self._file = file.open("w", newline="", encoding="utf-8")
        self._outcomes: list[Outcome] = []
        self.counts = dict.fromkeys(OUTCOMES, 0)

    def add(self, outcome: Outcome) -> None:
        """Take note of an outcome."""
        self._outcomes.append(outcome)
        self.counts[outcome.name] += 1

    def close(self) -> None:
        """Write the file."""
        with self._file as output:
            lines = csv.writer(output)
            lines.writerow(["user_id", "picture", "outcome", "reason"])
            for outcome in sorted(self._outcomes, key=lambda o: (_ORDER.index(o.name), o.candidate.name)):
                lines.writerow([outcome.candidate.user_id, outcome.candidate.name, outcome.name, outcome.reason])
