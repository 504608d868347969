"""An erasure is complete only when Okta has confirmed it."""

from unittest.mock import ANY

import pytest

from local import portrait
from tests.awaiting import eventually
from tests.fakes import faults
from tests.publish.deploying import update_stack
from tests.publish.watching import dead_letters, erasure, headshot, records, status

ADA, GRACE = (portrait.jpeg(name, (300, 400)) for name in ("Ada Lovelace", "Grace Hopper"))


@pytest.fixture
def default_url(publishing):
    """The URL of the picture that replaces an erased one."""
    return f"{publishing.url}/photos/_default.jpg"


@pytest.fixture
def published(uploader, okta_user):
    """Return a function that publishes a photo under a login, and returns the user's Okta id."""

    def publish(login):
        identity_id = okta_user(login)
        assert uploader.upload(login, ADA).ok
        eventually(lambda: status(uploader, login) == "published")
        return identity_id

    return publish


@pytest.fixture
def unconfirmed(system, uploader, published):
    """Return a function that erases a published user behind a proxy that answers 404, and returns the Okta id."""

    def erase(login):
        identity_id = published(login)
        system.app.faults.append(faults.answer(404, body=b"<html>Not Found</html>"))
        uploader.erase(login)
        eventually(lambda: erasure(uploader, login)["status"] != "pending")
        return identity_id

    return erase


def test_a_user_whose_login_has_changed_is_erased(system, uploader, published, default_url):
    ada = published("ada-married")
    assert system.fake.photo_url(ada) == uploader.record("ada-married").json()["url"]
    system.fake.users[ada]["profile"] |= {"login": "ada-byron", "email": "ada-byron@example.com"}
    uploader.erase("ada-married")
    eventually(lambda: system.fake.photo_url(ada) == default_url)
    eventually(lambda: erasure(uploader, "ada-married") is None)


def test_an_unconfirmed_erasure_is_retried(publishing, system, uploader, unconfirmed, default_url):
    """A proxy's 404 is not Okta's. Until Okta itself has confirmed the erasure, only ids and times remain."""
    ada = unconfirmed("ada-behind-a-proxy")
    assert erasure(uploader, "ada-behind-a-proxy") == {
        "status": "retrying",
        "at": ANY,
        "attempts": 1,
        "error": "Okta answered 404. Check IdentityProviderUrl.",
    }
    assert uploader.record("ada-behind-a-proxy").status_code == 404
    [tombstone] = [item for item in records(publishing) if item["user_id"]["S"] == "ada-behind-a-proxy"]
    assert tombstone.keys() == {"user_id", "schema", "erased", "identity_id", "published", "correlation_id", "history"}
    assert tombstone["identity_id"] == {"S": ada}
    assert "ada-behind-a-proxy" not in headshot(publishing, "list")

    headshot(publishing, "reconcile")
    assert erasure(uploader, "ada-behind-a-proxy") is None
    assert system.fake.photo_url(ada) == default_url
    assert [item for item in records(publishing) if item["user_id"]["S"] == "ada-behind-a-proxy"] == []
    assert "erased" in headshot(publishing, "show", "ada-behind-a-proxy", "--history")


def test_a_failed_erasure_is_a_dead_letter_and_can_be_retried(publishing, system, uploader, published, default_url):
    ada = published("ada-deactivated")
    system.fake.deactivate(ada)
    uploader.erase("ada-deactivated")
    eventually(lambda: erasure(uploader, "ada-deactivated")["status"] == "failed")
    reason = erasure(uploader, "ada-deactivated")["error"]
    assert "Edit Deactivated User Profile Updates" in reason
    eventually(lambda: dead_letters(publishing))
    [message] = dead_letters(publishing)
    assert (message["user_id"], message["error"]) == ("ada-deactivated", reason)

    system.fake.edits_deactivated = True
    assert headshot(publishing, "retry") == f"ada-deactivated: {reason}\nRetried: 1\n"
    eventually(lambda: erasure(uploader, "ada-deactivated") is None)
    assert system.fake.photo_url(ada) == default_url


def test_a_photo_after_an_unconfirmed_erasure_is_published(system, uploader, unconfirmed):
    ada = unconfirmed("ada-again")
    back = uploader.upload("ada-again", GRACE)
    assert back.status_code == 201
    eventually(lambda: system.fake.photo_url(ada) == back.json()["url"])
    eventually(lambda: status(uploader, "ada-again") == "published")


def test_with_erased_photo_clear_the_attribute_is_cleared(publishing, system, uploader):
    ada = system.fake.add("ada-clear", "ada-clear@example.com")
    update_stack(publishing, ErasedPhoto="Clear")
    url = uploader.upload("ada-clear", ADA).json()["url"]
    eventually(lambda: system.fake.photo_url(ada) == url)
    uploader.erase("ada-clear")
    eventually(lambda: system.fake.photo_url(ada) is None)
    update_stack(publishing, ErasedPhoto="Default")
