"""The threat model names a test for every answer, and the tests exist."""

import re

import pytest

from local.stack import PROJECT

TEXT = (PROJECT / "docs" / "threat-model.md").read_text()
NAMED = set(re.findall(r"`(test_\w+)`", TEXT))
WRITTEN = {
    name
    for file in (PROJECT / "tests").rglob("test_*.py")
    for name in re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE)
}
SECTIONS = {
    title: re.findall(r"^\| (.+) \|$", body, re.MULTILINE)[1:]
    for title, body in re.findall(r"^###? ([^\n]+)\n(.*?)(?=^##|\Z)", TEXT, re.MULTILINE | re.DOTALL)
}
FLOWS = {title: rows for title, rows in SECTIONS.items() if re.match(r"\d\. ", title)}


@pytest.mark.parametrize("name", sorted(NAMED))
def test_every_named_test_exists(name):
    assert name in WRITTEN


@pytest.mark.parametrize("flow", FLOWS)
def test_every_flow_answers_all_of_stride(flow):
    letters = [row.partition(" ")[0] for row in FLOWS[flow]]
    assert list(dict.fromkeys(letters)) == list("STRIDE")


@pytest.mark.parametrize("section", [*FLOWS, "OWASP's list for file uploads"])
def test_every_answer_names_its_test(section):
    rows = SECTIONS[section]
    assert rows
    for row in rows:
        assert re.search(r"\| `test_\w+`(, `test_\w+`)*$", row), row


def test_every_flow_is_in_the_drawing():
    drawing = (PROJECT / "docs" / "pictures" / "data-flow.svg").read_text()
    numbers = set(re.findall(r'class="number"[^>]*>(\d)<', drawing))
    assert numbers == {title[0] for title in FLOWS}
