"""What the pages print is what the commands print."""

import re
import time

import pytest

from local.stack import PROJECT
from tests.docs.comparison import Comparison
from tests.docs.console import steps

# In the order that keeps the stack small for as long as possible: each page erases whom the last one has left.
PAGES = ["README.md", "docs/local.md", "docs/api.md", "docs/guide.md"]

SECONDS = 20

# What only reads may be repeated until it prints what the page shows: the stack works on, a reader types slowly.
_READS = re.compile(r"headshot (show|list|status|check)\b|curl (?!.*(-X|--request|--data))")


def with_steps():
    return [page for page in PAGES if (PROJECT / page).exists() and steps(PROJECT / page)]


@pytest.mark.parametrize("page", with_steps())
def test_every_command_prints_what_the_page_shows(page, page_terminal):
    comparison = Comparison()
    reports = [report for step in steps(PROJECT / page) if (report := replay(step, page, page_terminal, comparison))]
    assert not reports, "\n\n" + "\n\n".join(reports)


def replay(step, page, terminal, comparison):
    """Run a command and return how its output differs from the page's; None if it does not."""
    command = comparison.command(step.command)
    deadline = time.monotonic() + SECONDS
    while True:
        printed = terminal.run(command)
        found = comparison.mismatch(step.expected, printed)
        if not found:
            return None
        if not _READS.match(command) or time.monotonic() > deadline:
            break
    return "\n".join(
        [
            f"{page}:{step.first_expected + found.at}: the command prints something else",
            f"  $ {step.command}",
            f"  the page shows: {'(the end)' if found.expected is None else found.expected}",
            f"  it prints:      {'(the end)' if found.printed is None else found.printed}",
            "  all that it prints:",
            *(f"    {line}" for line in printed),
        ]
    )
