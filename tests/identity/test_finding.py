"""Each identity provider finds users by id, login and e-mail address, and only says "unknown" when that is certain."""

import pytest

from headshot.identity.errors import ConfigurationError, PermanentError, UnknownUserError
from tests.fakes import faults
from tests.fakes.systems import PROVIDERS, VARIANTS
from tests.identity.samples import URL


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", ["ada", "ada.o'hara+x@example.com", "the vendor's id"])
def test_a_user_is_found_by_login_by_email_address_or_by_the_vendors_id(variant, serve, name):
    system = VARIANTS[variant]()
    ada = system.fake.add("ada", "ada.o'hara+x@example.com")
    system.fake.add("grace", "grace@example.com")
    provider = system.connect(serve(system))
    identity_id = provider.find(ada if name == "the vendor's id" else name)
    assert identity_id == ada
    provider.set(identity_id, URL)
    assert system.fake.photo_url(ada) == provider.photo_url(identity_id) == URL


UNKNOWN = ["nobody", "nobody@example.com", "0", "00000000-0000-4000-8000-000000000000"]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", UNKNOWN)
def test_an_unknown_user_is_distinguished_from_other_errors(variant, serve, name):
    system = VARIANTS[variant]()
    system.fake.add("ada", "ada@example.com")
    provider = system.connect(serve(system))
    operations = (provider.find, lambda name: provider.set(name, URL), provider.clear, provider.photo_url)
    for operation in operations[:1] if "@" in name else operations:
        with pytest.raises(UnknownUserError, match=system.name):
            operation(name)


FOREIGN_BODIES = [
    b"<html><title>404 Not Found</title></html>",
    b"",
    b"[]",
    b'{"error": "not found"}',
    b'{"message": "Not Found", "code": "no-route"}',
]


@pytest.mark.parametrize("body", FOREIGN_BODIES)
def test_a_404_that_is_not_the_vendors_says_nothing_about_the_user(system, ada, provider, body):
    for operation in (provider.find, provider.photo_url, provider.clear, lambda user: provider.set(user, URL)):
        system.app.faults.append(faults.answer(404, body=body))
        with pytest.raises(ConfigurationError, match=f"{system.name} answered 404.* Check IdentityProviderUrl"):
            operation(ada)


MISSING_DIRECTORY = {
    "onelogin": b'{"statusCode": 404, "name": "NotFoundError", "message": "Not found"}',
    "pingone": b'{"id": "sample", "code": "NOT_FOUND", "message": "The requested resource was not found."}',
    "atlassian": b'{"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "404"}',
}


@pytest.mark.parametrize("name", MISSING_DIRECTORY)
@pytest.mark.parametrize("user_id", UNKNOWN)
def test_a_missing_directory_says_nothing_about_a_user(name, user_id, serve):
    """These vendors report a missing user and a missing directory alike, so a search has to succeed first."""
    system = PROVIDERS[name]()
    ada = system.fake.add("ada", "ada@example.com")
    provider = system.connect(serve(system))
    provider.photo_url(ada)
    system.app.faults.extend([faults.answer(404, body=MISSING_DIRECTORY[name])] * 9)
    with pytest.raises(ConfigurationError, match="answered 404"):
        provider.find(user_id)


def test_onelogin_treats_digits_as_a_username_first_and_as_an_id_second(serve):
    system = PROVIDERS["onelogin"]()
    other = system.fake.add("grace", "grace@example.com")
    ada = system.fake.add(other, "ada@example.com")
    provider = system.connect(serve(system))
    assert provider.find(other) == ada
    assert provider.find(ada) == ada


@pytest.mark.parametrize("name", [name for name in PROVIDERS if name != "atlassian"])
def test_two_users_with_the_same_email_address_are_a_permanent_error(name, serve):
    system = PROVIDERS[name]()
    for login in ("ada", "ada2"):
        system.fake.add(login, "ada@example.com")
    with pytest.raises(PermanentError, match="2 users"):
        system.connect(serve(system)).find("ada@example.com")


@pytest.fixture
def okta():
    return PROVIDERS["okta"]()


def test_okta_finds_an_email_address_regardless_of_case(okta, serve):
    ada = okta.fake.add("ada", "Ada.Lovelace@Example.com")
    provider = okta.connect(serve(okta))
    for address in ("Ada.Lovelace@Example.com", "ada.lovelace@example.com", "ADA.LOVELACE@EXAMPLE.COM"):
        assert provider.find(address) == ada


@pytest.mark.parametrize("login", ["ada", "ada@example.com"])
def test_okta_prefers_the_active_account_of_a_rehired_person(okta, serve, login):
    """The old account may even have the e-mail address as its login."""
    former = [okta.fake.add(name, "ada@example.com") for name in (login, "ada.lovelace")]
    for account in former:
        okta.fake.deactivate(account)
    provider = okta.connect(serve(okta))
    with pytest.raises(PermanentError, match="2 users"):
        provider.find("ada@example.com")
    ada = okta.fake.add("ada2", "ada@example.com")
    assert provider.find("ada@example.com") == ada
    del okta.fake.users[former[1]], okta.fake.users[ada]
    assert provider.find("ada@example.com") == former[0]


@pytest.mark.parametrize("name", ["me", "Me", "ME"])
def test_a_user_called_me_is_not_the_owner_of_oktas_token(okta, serve, name):
    owner = okta.fake.add("admin", "admin@example.com")
    provider = okta.connect(serve(okta))
    with pytest.raises(UnknownUserError):
        provider.find(name)
    me = okta.fake.add(name, "me@example.com")
    assert provider.find(name) == me
    provider.set(me, URL)
    assert okta.fake.photo_url(owner) is None
    assert not any(seen.lower().endswith("/users/me") for seen in okta.app.seen)
