"""`headshot doctor` about accounts: a wrong id, several accounts, a renamed one, and Atlassian's copy."""

import pytest

from headshot.identity.settings import Settings
from local.fake_okta import serving
from tests.fakes.systems import PROVIDERS


def broken(rows):
    return {link: row["detail"] for link, row in rows.items() if row["result"] == "broken"}


@pytest.mark.usefixtures("patient")
def test_a_wrong_id_is_a_missing_record_with_a_hint(diagnosed):
    code, rows = diagnosed("adda")
    assert code == 1
    assert broken(rows)["record"].startswith("adda has no photo. Did you mean ada? Set one with: headshot put adda")
    assert rows["URL"]["result"] == "not reached"


def test_an_invalid_id_is_rejected(headshot):
    assert headshot("doctor", "no/slash")[::2][0] == 1


def test_two_accounts_are_the_users_fault(patient, diagnosed):
    for name in ("twin.one", "twin.two"):
        patient.system.fake.add(name, "twins@example.com")
    patient.copy("twins@example.com")
    code, rows = diagnosed("twins@example.com")
    assert (code, list(broken(rows))) == (1, ["user"])
    assert broken(rows)["user"].startswith("Okta has 2 users called twins@example.com. Upload the photo under")


def test_a_renamed_account_is_in_order_because_headshot_kept_its_id(patient, diagnosed):
    patient.profile()["login"] = "lovelace"
    code, rows = diagnosed("ada")
    assert (code, broken(rows)) == (0, {})
    assert rows["user"]["detail"].endswith("Headshot publishes by the id that it had before.")
    assert rows["value"]["detail"] == "Okta has the photo's URL."


@pytest.fixture
def directory(patient, monkeypatch):
    """Atlassian's directory with the person in it, and the environment that names it. Return how to set the URL."""
    atlassian = PROVIDERS["atlassian"]()
    identity_id = atlassian.fake.add("ada", "ada@example.com")
    with serving(atlassian.app) as url:
        settings: Settings = atlassian.settings(url)
        monkeypatch.setenv("HEADSHOT_ATLASSIAN_URL", settings.url)
        monkeypatch.setenv("HEADSHOT_ATLASSIAN_API_KEY", "known")
        yield lambda photo=patient.record["url"]: atlassian.connect(url).set(identity_id, photo)


def test_atlassians_copy_is_compared(directory, diagnosed, monkeypatch):
    code, rows = diagnosed("ada")
    assert (code, list(broken(rows))) == (1, ["directory"])
    assert broken(rows)["directory"].startswith("Atlassian's directory has no photo. Check that the identity provider")
    directory("https://example.com/other.jpg")
    assert "has another URL, 'https://example.com/other.jpg'" in broken(diagnosed("ada")[1])["directory"]
    directory()
    code, rows = diagnosed("ada")
    assert (code, rows["directory"]["detail"]) == (0, "Atlassian's directory has the photo's URL.")
    monkeypatch.setenv("HEADSHOT_ATLASSIAN_API_KEY", "expired")
    assert "Check the API key" in broken(diagnosed("ada")[1])["directory"]
