"""`headshot doctor` on a stack that is in order."""

import pytest

pytestmark = pytest.mark.usefixtures("patient")


def test_a_published_photo_has_no_broken_link(diagnosed, headshot):
    code, rows = diagnosed("ada")
    assert {link: row["result"] for link, row in rows.items() if row["result"] != "ok"} == {"directory": "not checked"}
    assert code == 0
    code, printed, _ = headshot("doctor", "ada")
    lines = printed.splitlines()
    assert (code, lines[0][:25], lines[-1]) == (0, "ok   credentials: You are", "No link is broken.")
    assert len(lines) == len(rows) + 1


def test_without_a_user_it_checks_what_concerns_everyone(diagnosed):
    code, rows = diagnosed()
    assert (code, {row["result"] for row in rows.values()}) == (0, {"ok"})
    assert list(rows) == [
        *("credentials", "stack", "functions", "API", "URL", "DNS and TLS", "HEAD", "GET"),
        *("secret", "sign-in", "permissions", "queues"),
    ]
