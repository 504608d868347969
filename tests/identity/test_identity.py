"""Each identity provider holds what it is given, under whatever name the user is known."""

import pytest

from headshot.identity.errors import PermanentError, UnknownUserError
from tests.standins.systems import EACH, WAYS

URL = "https://photos.example.com/photos/ada/9f86d081884c7d659a2feaa0c55ad015.jpg"
OTHER = "https://photos.example.com/photos/ada/60303ae22b998861bce3b28f33eec1be.jpg"


@pytest.fixture(params=WAYS)
def system(request):
    return WAYS[request.param]()


def test_a_url_is_set_read_replaced_and_cleared(system, serve):
    ada, grace = system.standin.add("ada", "ada@example.com"), system.standin.add("grace", "grace@example.com")
    provider = system.speak(serve(system))
    assert provider.read(ada) is None
    for url in (URL, OTHER, OTHER):
        provider.set(ada, url)
        assert provider.read(ada) == system.standin.held(ada) == url
    for _ in range(2):
        provider.clear(ada)
        assert provider.read(ada) is system.standin.held(ada) is None
    assert system.standin.held(grace) is None


@pytest.mark.parametrize("name", ["ada", "ada.o'hara+x@example.com"])
def test_a_user_is_found_by_login_or_by_email_address(system, serve, name):
    ada = system.standin.add("ada", "ada.o'hara+x@example.com")
    system.standin.add("grace", "grace@example.com")
    provider = system.speak(serve(system))
    provider.set(name, URL)
    assert system.standin.held(ada) == provider.read(name) == URL


@pytest.mark.parametrize("name", ["nobody", "nobody@example.com", "0", "00000000-0000-4000-8000-000000000000"])
def test_an_unknown_user_is_told_from_other_errors(system, serve, name):
    system.standin.add("ada", "ada@example.com")
    provider = system.speak(serve(system))
    for operation in (lambda: provider.set(name, URL), lambda: provider.clear(name), lambda: provider.read(name)):
        with pytest.raises(UnknownUserError, match=system.name):
            operation()


@pytest.mark.parametrize("name", [name for name in EACH if name != "atlassian"])
def test_two_users_with_one_email_address_are_not_guessed_between(name, serve):
    system = EACH[name]()
    for login in ("ada", "ada2"):
        system.standin.add(login, "ada@example.com")
    with pytest.raises(PermanentError, match="2 users"):
        system.speak(serve(system)).set("ada@example.com", URL)


@pytest.mark.parametrize("name", ["okta", "entra", "onelogin", "pingone"])
def test_an_attribute_that_is_not_defined_is_named(name, serve):
    system = EACH[name]()
    system._attribute = "extension_unknown"
    ada = system.standin.add("ada", "ada@example.com")
    with pytest.raises(PermanentError, match="extension_unknown"):
        system.speak(serve(system)).set(ada, URL)
