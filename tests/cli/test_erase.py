"""`headshot erase` says what was deleted and what is not confirmed, against a fake of the API."""

import itertools
import json

import pytest

from headshot_cli import erasing
from headshot_cli.journal import Journal, journal_file
from local import portrait
from tests.cli.fake_api import api

__all__ = ["api"]

NOTHING = {"photos": 0, "record": False, "files": 0, "uploads": 0, "identity_provider": None}
RETRIED = "It is retried for a day. Run the same command again to see its status."
PHOTO = portrait.jpeg("somebody", (128, 128))


def pending(status, error=None):
    return {"status": status, "at": "2026-11-23T22:25:35.713Z", "attempts": 2, "error": error}


@pytest.fixture
def erase(headshot, api, monkeypatch, tmp_path):
    """Erase a user while the API returns one receipt after the other, and the last one from then on."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(erasing, "_PAUSE", 0)

    def erased(user_id, *receipts, options=("--yes",), typed=""):
        answers = itertools.chain(receipts, itertools.repeat(receipts[-1]))
        api.answers["DELETE"] = lambda user: (200, NOTHING | {"user_id": user} | next(answers))
        return headshot("erase", user_id, *options, typed=typed)

    return erased


@pytest.mark.parametrize(
    ("receipt", "printed"),
    [
        ({"photos": 1, "record": True}, "1 photo, the record."),
        (
            {"photos": 3, "record": True, "files": 2, "uploads": 4},
            "3 photos, 2 files in the drop box, 4 upload records, the record.",
        ),
        ({"files": 1, "uploads": 1}, "1 file in the drop box, 1 upload record."),
    ],
)
def test_what_was_deleted_is_printed(erase, api, receipt, printed):
    assert erase("erased", receipt) == (0, f"Erased erased: {printed}\n", "")
    assert api.requests == [("DELETE", "erased")]


def test_it_waits_until_the_identity_provider_has_confirmed(erase, api):
    first = {"photos": 1, "record": True, "identity_provider": pending("pending")}
    retrying = {"identity_provider": pending("retrying", "Okta does not answer.")}
    code, printed, errors = erase("confirmed", first, retrying, retrying, NOTHING)
    assert (code, errors) == (0, "")
    assert printed == "Erased confirmed: 1 photo, the record.\nThe identity provider has confirmed.\n"
    assert len(api.requests) == 4


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (
            pending("failed", "Okta rejects."),
            ["still has the photo's URL.", "Okta rejects.", "Fix the cause, then run: headshot retry"],
        ),
        (
            pending("waiting", "There is no such user."),
            ["does not know unreached.", "There is no such user.", RETRIED],
        ),
    ],
)
def test_what_is_not_confirmed_is_reported_with_what_to_do(erase, last, said):
    message = " ".join(["The identity provider", *said])
    receipt = {"photos": 1, "record": True, "identity_provider": pending("pending")}
    code, printed, error = erase("unreached", receipt, {"identity_provider": last})
    assert (code, printed, error) == (1, "Erased unreached: 1 photo, the record.\n", message)
    # If run again, there is nothing left to delete, and the identity provider's status is the same.
    code, printed, error = erase("unreached", {"identity_provider": last})
    assert (code, printed, error) == (1, "Erased unreached: nothing was left to delete.\n", message)


def test_it_stops_waiting_in_the_end(erase, monkeypatch):
    monkeypatch.setattr(erasing, "_PATIENCE", 0)
    receipt = {"record": True, "identity_provider": pending("retrying", "Okta\x1b answers\n503.")}
    code, printed, error = erase("slow", receipt)
    assert (code, printed) == (1, "Erased slow: the record.\n")
    assert error == rf"The identity provider has not confirmed yet. Okta\x1b answers 503. {RETRIED}"


def test_scripts_get_the_receipt(erase):
    receipt = {"photos": 2, "record": True, "identity_provider": pending("pending")}
    code, printed, _ = erase("script", receipt, NOTHING, options=["--yes", "--json"])
    assert (code, json.loads(printed)) == (0, NOTHING | {"user_id": "script", "photos": 2, "record": True})


@pytest.mark.parametrize(
    ("typed", "suggestion"),
    [
        ("suggested.example", " Did you mean Suggested.Example?"),
        ("Suggested.Exampel", " Did you mean Suggested.Example?"),
        ("Suggested.Exampl", " Did you mean Suggested.Example?"),
        ("nobody-at-all", ""),
    ],
)
def test_similar_user_ids_are_suggested_if_nothing_is_stored(erase, api, typed, suggestion):
    api.pages = [["ada"], ["Suggested.Example"]]
    assert erase(typed, NOTHING) == (1, "", f"Nothing is stored for {typed}.{suggestion}")


def test_without_the_permission_to_list_users_nothing_is_suggested(erase, api):
    api.answers["users"] = lambda: (403, {"message": "Forbidden"})
    assert erase("nobody", NOTHING) == (1, "", "Nothing is stored for nobody.")


@pytest.mark.parametrize("receipt", [{"record": True}, NOTHING])
def test_the_person_is_removed_from_the_journal_on_this_machine(erase, api, receipt):
    file = journal_file(api.url)
    journal = Journal(file, ())
    for user_id in ("kept", "erased", "kept", "erased", "Erased"):
        journal.add(user_id, "digest")
    journal.close()
    erase("erased", receipt)
    assert [json.loads(line)[0] for line in file.read_text().splitlines() if line] == ["kept", "kept", "Erased"]


def test_nobody_is_erased_without_confirmation(erase, api):
    code, _, asked = erase("asked", {"record": True}, options=(), typed="n\n")
    assert (code, asked.startswith("Erase everything about asked? [y/N]:")) == (1, True)
    assert api.requests == []
    assert erase("asked", {"record": True}, options=(), typed="y\n")[0] == 0


def test_a_stack_without_receipts_is_older_than_the_command(headshot, api):
    api.answers["DELETE"] = lambda _: (200, None)
    code, _, error = headshot("erase", "older", "--yes")
    assert (code, error.split(" and ")[0]) == (1, "Erased: older. The stack is older than this command")


def test_put_warns_of_a_user_id_that_differs_in_case_only(headshot, uploader, tmp_path):
    file = tmp_path / "photo.jpg"
    file.write_bytes(PHOTO)
    uploader.upload("Warned@example.com", PHOTO)
    assert headshot("put", "other@example.com", str(file))[2] == ""
    code, printed, errors = headshot("put", "warned@example.com", str(file))
    assert (code, printed.strip().endswith(".jpg")) == (0, True)
    assert errors == (
        "Warning: Warned@example.com also has a photo, and differs from warned@example.com in case only. Identity"
        " providers treat them as one account. Erase one of them.\n"
    )
    assert headshot("put", "warned@example.com", str(file))[2] == ""


def test_the_real_api_returns_a_receipt_once(headshot, uploader, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    uploader.upload("receipt@example.com", PHOTO)
    assert headshot("erase", "receipt@example.com", typed="n\n")[0] == 1
    assert uploader.record("receipt@example.com").status_code == 200
    printed = "Erased receipt@example.com: 1 photo, the record.\n"
    assert headshot("erase", "receipt@example.com", "--yes") == (0, printed, "")
    assert uploader.record("receipt@example.com").status_code == 404
    assert headshot("erase", "receipt@example.com", "--yes")[:2] == (1, "")
