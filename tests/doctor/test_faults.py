"""`headshot doctor` names each of these faults, and blames nothing else for it."""

import pytest

from tests.doctor.faults import FAULTS

# What cannot work either once a link is broken.
CONSEQUENCES = {
    "functions": {"API", "HEAD", "GET"},
    "HEAD": {"GET"},
    "user": {"published"},
    "attribute": {"published"},
    "value": {"published"},
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_fault_is_named_and_nothing_else_is_blamed(name, patient, diagnosed, monkeypatch):
    fault = FAULTS[name]
    with fault.seed(patient, monkeypatch):
        code, rows = diagnosed("ada")
    broken = [row for row in rows.values() if row["result"] == "broken"]
    assert code == 1
    assert broken, rows
    assert broken[0]["link"] == fault.link, broken
    assert {row["link"] for row in broken[1:]} <= CONSEQUENCES.get(fault.link, set())
    for words in fault.words:
        assert words in broken[0]["detail"]
