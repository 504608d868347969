"""What the pages print is what the commands print."""

import re
import time

import pytest

from local.stack import PROJECT
from tests.docs.comparison import Comparison
from tests.docs.console import steps
from tests.docs.markdown import pages

# The pages that run on one stack, which is emptied before each. The one with the most photos comes last.
PAGES = ["README.md", "docs/local.md", "docs/api.md", "docs/guide.md"]

# The reference is written from the command itself (tests/cli/test_reference.py). The other shows a stack on AWS.
NOT_REPLAYED = {"docs/headshot.md", "docs/not-yet-verified.md"}

SECONDS = 20
# Commands that only read are repeated until they print what the page shows: the stack still publishes, and a reader
# types slowly.
_READS = re.compile(r"headshot (show|list|status|check)\b|curl (?!.*(-X|--request|--data))")


def test_every_page_with_commands_is_replayed():
    names = {page.relative_to(PROJECT).as_posix() for page in pages()}
    assert {name for name in names - NOT_REPLAYED if steps(PROJECT / name)} == set(PAGES)


@pytest.mark.parametrize("page", PAGES)
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
