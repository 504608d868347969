"""Each identity provider holds what it is given, under whatever name the user is known."""

import json

import pytest

from headshot.identity.errors import ConfigurationError, PermanentError, UnknownUserError
from tests.fakes import faults
from tests.fakes.systems import EACH, WAYS

URL = "https://photos.example.com/photos/ada/9f86d081884c7d659a2feaa0c55ad015.jpg"
OTHER = "https://photos.example.com/photos/ada/60303ae22b998861bce3b28f33eec1be.jpg"


@pytest.fixture(params=WAYS)
def system(request):
    return WAYS[request.param]()


def test_a_url_is_set_read_replaced_and_cleared(system, serve):
    ada, grace = system.fake.add("ada", "ada@example.com"), system.fake.add("grace", "grace@example.com")
    provider = system.speak(serve(system))
    assert provider.photo_url(ada) is None
    for url in (URL, OTHER, OTHER):
        provider.set(ada, url)
        assert provider.photo_url(ada) == system.fake.photo_url(ada) == url
    for _ in range(2):
        provider.clear(ada)
        assert provider.photo_url(ada) is system.fake.photo_url(ada) is None
    assert system.fake.photo_url(grace) is None


@pytest.mark.parametrize("name", ["ada", "ada.o'hara+x@example.com", "the vendor's id"])
def test_a_user_is_found_by_login_by_email_address_or_by_the_vendors_id(system, serve, name):
    ada = system.fake.add("ada", "ada.o'hara+x@example.com")
    system.fake.add("grace", "grace@example.com")
    provider = system.speak(serve(system))
    identity_id = provider.find(ada if name == "the vendor's id" else name)
    assert identity_id == ada
    provider.set(identity_id, URL)
    assert system.fake.photo_url(ada) == provider.photo_url(identity_id) == URL


NOBODY = ["nobody", "nobody@example.com", "0", "00000000-0000-4000-8000-000000000000"]


@pytest.mark.parametrize("name", NOBODY)
def test_an_unknown_user_is_told_from_other_errors(system, serve, name):
    system.fake.add("ada", "ada@example.com")
    provider = system.speak(serve(system))
    operations = (provider.find, lambda name: provider.set(name, URL), provider.clear, provider.photo_url)
    for operation in operations[:1] if "@" in name else operations:
        with pytest.raises(UnknownUserError, match=system.name):
            operation(name)


FOREIGN = [
    b"<html><title>404 Not Found</title></html>",
    b"",
    b"[]",
    b'{"error": "not found"}',
    b'{"message": "Not Found", "code": "no-route"}',
]


@pytest.mark.parametrize("body", FOREIGN)
@pytest.mark.parametrize("name", EACH)
def test_a_404_of_something_else_says_nothing_of_the_user(name, serve, body):
    system = EACH[name]()
    ada = system.fake.add("ada", "ada@example.com")
    provider = system.speak(serve(system))
    provider.photo_url(ada)
    for operation in (provider.find, provider.photo_url, provider.clear, lambda user: provider.set(user, URL)):
        system.app.faults.append(faults.answer(404, body=body))
        with pytest.raises(ConfigurationError, match=f"{system.name} answered 404.* Check .*(Url|URL)"):
            operation(ada)


MISSING_DIRECTORY = {
    "onelogin": b'{"statusCode": 404, "name": "NotFoundError", "message": "Not found"}',
    "pingone": b'{"id": "sample", "code": "NOT_FOUND", "message": "The requested resource was not found."}',
    "atlassian": b'{"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "404"}',
}


@pytest.mark.parametrize("name", MISSING_DIRECTORY)
@pytest.mark.parametrize("user_id", NOBODY)
def test_a_directory_that_does_not_exist_says_nothing_of_a_user(name, user_id, serve):
    """These vendors speak of a missing user and of a missing directory alike, so that a search has to succeed first."""
    system = EACH[name]()
    ada = system.fake.add("ada", "ada@example.com")
    provider = system.speak(serve(system))
    provider.photo_url(ada)
    system.app.faults.extend([faults.answer(404, body=MISSING_DIRECTORY[name])] * 9)
    with pytest.raises(ConfigurationError, match="answered 404"):
        provider.find(user_id)


def test_onelogin_takes_digits_for_a_username_first_and_for_its_own_id_only_then(serve):
    system = EACH["onelogin"]()
    other = system.fake.add("grace", "grace@example.com")
    ada = system.fake.add(other, "ada@example.com")
    provider = system.speak(serve(system))
    assert provider.find(other) == ada
    assert provider.find(ada) == ada


@pytest.mark.parametrize("name", [name for name in EACH if name != "atlassian"])
def test_two_users_with_one_email_address_are_not_guessed_between(name, serve):
    system = EACH[name]()
    for login in ("ada", "ada2"):
        system.fake.add(login, "ada@example.com")
    with pytest.raises(PermanentError, match="2 users"):
        system.speak(serve(system)).find("ada@example.com")


@pytest.mark.parametrize("name", ["okta", "entra", "onelogin", "pingone"])
def test_an_attribute_that_is_not_defined_is_named(name, serve):
    system = EACH[name]()
    system._attribute = "extension_unknown"
    ada = system.fake.add("ada", "ada@example.com")
    with pytest.raises(PermanentError, match="extension_unknown"):
        system.speak(serve(system)).set(ada, URL)


@pytest.mark.parametrize("way", ["okta", "okta-api-token"])
def test_okta_says_how_a_deactivated_user_can_be_changed(way, serve):
    """Its 403 is about this one user, not about a missing scope."""
    system = WAYS[way]()
    ada = system.fake.add("ada", "ada@example.com")
    system.fake.users[ada]["status"] = "DEPROVISIONED"
    provider = system.speak(serve(system))
    for operation in (lambda: provider.set(ada, URL), lambda: provider.clear(ada)):
        with pytest.raises(
            PermanentError, match=r"403: .*current status.* Erase people before you deactivate them"
        ) as error:
            operation()
        assert "scope" not in str(error.value)
    system.fake.edits_deactivated = True
    provider.set(ada, URL)
    assert system.fake.photo_url(ada) == URL


@pytest.fixture
def okta():
    return EACH["okta"]()


def test_okta_finds_an_email_address_regardless_of_case(okta, serve):
    ada = okta.fake.add("ada", "Ada.Lovelace@Example.com")
    provider = okta.speak(serve(okta))
    for address in ("Ada.Lovelace@Example.com", "ada.lovelace@example.com", "ADA.LOVELACE@EXAMPLE.COM"):
        assert provider.find(address) == ada


@pytest.mark.parametrize("login", ["ada", "ada@example.com"])
def test_okta_prefers_the_account_of_a_rehired_person_to_the_deactivated_ones(okta, serve, login):
    """The old account may even have the e-mail address as its login."""
    former = [okta.fake.add(name, "ada@example.com") for name in (login, "ada.lovelace")]
    for account in former:
        okta.fake.users[account]["status"] = "DEPROVISIONED"
    provider = okta.speak(serve(okta))
    with pytest.raises(PermanentError, match="2 users"):
        provider.find("ada@example.com")
    ada = okta.fake.add("ada2", "ada@example.com")
    assert provider.find("ada@example.com") == ada
    del okta.fake.users[former[1]], okta.fake.users[ada]
    assert provider.find("ada@example.com") == former[0]


@pytest.mark.parametrize("name", ["me", "Me", "ME"])
def test_a_user_called_me_is_not_whom_oktas_token_belongs_to(okta, serve, name):
    owner = okta.fake.add("admin", "admin@example.com")
    provider = okta.speak(serve(okta))
    with pytest.raises(UnknownUserError):
        provider.find(name)
    me = okta.fake.add(name, "me@example.com")
    assert provider.find(name) == me
    provider.set(me, URL)
    assert okta.fake.photo_url(owner) is None
    assert not any(seen.lower().endswith("/users/me") for seen in okta.app.seen)


def url_of(length):
    start = "https://photos.example.com/photos/"
    end = "/9f86d081884c7d659a2feaa0c55ad015.jpg"
    return f"{start}{'a' * (length - len(start) - len(end))}{end}"


def test_entra_is_sent_no_url_that_its_directory_extensions_do_not_hold(serve):
    system = EACH["entra"]()
    ada = system.fake.add("ada", "ada@example.com")
    provider = system.speak(serve(system))
    provider.set(ada, url_of(256))
    sent = len(system.app.seen)
    with pytest.raises(PermanentError, match="has 257 characters, but Entra's directory extensions hold only 256"):
        provider.set(ada, url_of(257))
    assert len(system.app.seen) == sent
    assert system.fake.photo_url(ada) == url_of(256)


def test_entras_extension_attributes_hold_more(serve):
    system = WAYS["entra-extension-attribute"]()
    ada = system.fake.add("ada", "ada@example.com")
    system.speak(serve(system)).set(ada, url_of(400))
    assert system.fake.photo_url(ada) == url_of(400)


def test_entras_other_complaints_are_not_taken_for_a_missing_extension(serve):
    system = EACH["entra"]()
    ada = system.fake.add("ada", "ada@example.com")
    provider = system.speak(serve(system))
    provider.photo_url(ada)
    message = "Unable to update the specified properties for on-premises mastered Directory Sync objects."
    body = json.dumps({"error": {"code": "Request_BadRequest", "message": message}}).encode()
    system.app.faults.append(faults.answer(400, body=body))
    with pytest.raises(PermanentError) as rejected:
        provider.set(ada, URL)
    assert str(rejected.value) == f"Entra answered 400: {message}"
