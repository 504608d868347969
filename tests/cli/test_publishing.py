"""What `headshot import` says at the end, `--wait`, and what `headshot check` says about the identity provider."""

import json
import time
from typing import Any

import pytest

from headshot_cli import publishing
from headshot_cli.commands import user
from headshot_cli.stack import Stack
from tests.cli.fake_api import api
from tests.cli.importing import folder, put_photos, run
from tests.cli.records import _with_identity_provider, published, recorded

__all__ = ["_with_identity_provider", "api", "folder", "recorded", "run"]

NEXT = "Next: the photos are published within minutes. Follow that with: headshot list --unpublished"


class Statuses:
    """Answers listings of the fake API with the statuses of `rounds`, one round for each listing after the first."""

    def __init__(self, api, *rounds):
        self.rounds, self._shown = list(rounds), None
        api.answers["users"] = self._users
        api.answers["PUT"] = lambda user_id: (201, {"url": user_id, "created": "a", "updated": "a"})

    def _users(self):
        users = []
        if self._shown is not None:
            self._shown = self.rounds.pop(0) if self.rounds else self._shown
            users = [{"user_id": name, "published": value} for name, value in self._shown.items()]
        self._shown = self._shown or {}
        return 200, {"users": users, "start_after": None}


@pytest.fixture
def _with_publishing(api, monkeypatch):  # noqa: ARG001  it replaces what this adds to
    """Make the stack of the fake API look like one with an identity provider."""
    queues = {"PublishQueue": "queue", "PublishDeadLetterQueue": "dead-letter queue"}
    outputs: Any = Stack._outputs  # the fake API has replaced the property by its value
    monkeypatch.setattr(Stack, "_outputs", outputs | queues)
    monkeypatch.setattr(publishing, "_PAUSE", 0)


def test_without_an_identity_provider_the_next_step_is_one(api, folder, run):
    Statuses(api)
    put_photos(folder, ["ada"])
    assert run(folder)[1].endswith("\nNext: deploy with IdentityProvider, so that the photos are published.\n")
    assert run(folder, "--dry-run")[1].endswith("\nNext: run the same command without --dry-run.\n")


@pytest.mark.usefixtures("_with_publishing")
def test_the_next_step_is_to_follow_publishing_or_to_fix_what_was_rejected(api, folder, run):
    Statuses(api)
    put_photos(folder, ["ada"])
    assert run(folder)[1].endswith(f"\n{NEXT}\n")
    (folder / "bo.jpg").write_bytes(b"")
    assert "lists as rejected, then run the same command again." in run(folder)[1]
    assert "Next" not in run(folder, "--json")[1]


@pytest.mark.usefixtures("_with_publishing")
def test_waiting_ends_when_all_are_published(api, folder, run):
    done, others = published("published"), {"grace": published("failed", "no such user")}
    Statuses(api, {"ada": None, "bo": None, **others}, {"ada": done, "bo": None, **others}, {"ada": done, "bo": done})
    put_photos(folder, ["ada", "bo"])
    code, printed, notes, _ = run(folder, "--wait")
    assert (code, printed.split(";")[0]) == (0, "2 accepted, 0 unchanged, 0 rejected, 0 missing")
    assert notes.splitlines() == [
        "Publishing: 2 not tried",
        "Publishing: 1 published, 1 not tried",
        "Publishing: 2 published",
    ]


@pytest.mark.usefixtures("_with_publishing")
def test_waiting_does_not_last_for_missing_accounts_and_lists_failures(api, folder, run):
    failed, waiting = published("failed", "two users"), published("waiting", "no user bo")
    Statuses(api, {"ada": failed, "bo": waiting})
    put_photos(folder, ["ada", "bo"])
    code, printed, notes, _ = run(folder, "--wait", "--json")
    assert (code, json.loads(printed)["published"]) == (1, {"failed": 1, "waiting": 1})
    assert notes.splitlines() == [
        "Publishing: 1 failed, 1 waiting for the account",
        "ada: two users",
        "bo: no user bo",
        "Fix the causes, then run: headshot retry. To examine one person, run: headshot doctor USER",
    ]


@pytest.mark.usefixtures("_with_publishing")
def test_waiting_ends_when_nothing_changes_any_more(api, folder, run, monkeypatch):
    monkeypatch.setattr(publishing, "PATIENCE", 0)
    Statuses(api, {"ada": None})
    put_photos(folder, ["ada"])
    code, _, notes, _ = run(folder, "--wait")
    assert (code, notes.splitlines()[-1]) == (
        1,
        "Publishing takes longer. Follow it with: headshot list --unpublished",
    )


@pytest.mark.usefixtures("_with_publishing")
def test_ctrl_c_while_waiting_keeps_the_summary(api, folder, run, monkeypatch):
    def interrupt(_seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupt)
    Statuses(api, {"ada": None})
    put_photos(folder, ["ada"])
    code, printed, notes, report = run(folder, "--wait")
    assert (code, printed.split(";")[0]) == (130, "1 accepted, 0 unchanged, 0 rejected, 0 missing")
    assert "Interrupted. Publishing goes on. Follow it with: headshot list --unpublished" in notes
    assert report["ada"]["result"] == "accepted"


@pytest.mark.usefixtures("_with_identity_provider")
def test_check_says_whether_the_identity_provider_has_the_url(headshot, recorded, monkeypatch):
    monkeypatch.setattr(user, "check_url", lambda _url: [])  # nothing is served there
    recorded("checked1", published("published"))
    recorded("checked2", published("failed", "Okta has 2 users called checked2."))
    assert headshot("check", "checked1")[1].splitlines()[-1] == "ok   identity provider: It has the photo's URL."
    code, printed, _ = headshot("check", "checked2")
    last = printed.splitlines()[-1]
    assert (code, last.split(": ")[:2]) == (1, ["FAIL identity provider", "It does not have the photo's URL"])
    assert "failed. Okta has 2 users called checked2. Find the cause with: headshot doctor USER" in last
