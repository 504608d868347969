"""Signing in: what tokens, secrets and keys can do wrong."""

import pytest

from headshot.identity.errors import PermanentError, TransientError
from tests.standins import faults
from tests.standins.systems import EACH, WAYS

URL = "https://photos.example.com/photos/ada/9f86d081884c7d659a2feaa0c55ad015.jpg"


@pytest.mark.parametrize("way", WAYS)
def test_wrong_credentials_are_refused_and_right_ones_taken_up_without_a_new_start(way, serve):
    system = WAYS[way]()
    ada = system.standin.add("ada", "ada@example.com")
    right = dict(system.secret)
    provider = system.speak(serve(system))
    for name in set(right) & {"api_token", "api_key", "client_id", "client_secret"}:
        system.secret[name] = "wrong"
        with pytest.raises(PermanentError, match="secret"):
            provider.set(ada, URL)
        system.secret |= right
    provider.set(ada, URL)
    assert system.standin.held(ada) == URL


@pytest.mark.parametrize("way", WAYS)
def test_a_secret_that_lacks_something_says_what(way, serve):
    system = WAYS[way]()
    url = serve(system)
    for name in set(system.secret) - {"key_id", "api_token"}:
        system.secret = type(system.secret)({key: value for key, value in system.secret.items() if key != name})
        with pytest.raises(PermanentError, match="secret"):
            system.speak(url).read("ada")


@pytest.mark.parametrize("way", ["okta", "entra-certificate"])
def test_a_private_key_that_is_none_is_refused(way, serve):
    system = WAYS[way]()
    system.secret["private_key"] = "not a key"
    with pytest.raises(PermanentError, match="private_key"):
        system.speak(serve(system)).read("ada")


@pytest.mark.parametrize("name", ["okta", "entra", "onelogin", "pingone"])
def test_a_token_is_fetched_once_and_again_before_it_ends(name, serve, clock):
    system = EACH[name]()
    ada = system.standin.add("ada", "ada@example.com")
    provider = system.speak(serve(system))
    for _ in range(3):
        provider.set(ada, URL)
    fetched = [seen for seen in system.app.seen if "token" in seen]
    assert len(fetched) == 1
    clock.seconds += 36_000
    provider.set(ada, URL)
    assert len([seen for seen in system.app.seen if "token" in seen]) == 2


@pytest.mark.parametrize(("name", "lives"), [("okta", 3600), ("entra", 3600), ("onelogin", 36_000), ("pingone", 3600)])
def test_a_token_is_not_used_when_it_may_end_on_its_way(name, lives, serve, clock):
    system = EACH[name]()
    ada = system.standin.add("ada", "ada@example.com")
    provider = system.speak(serve(system))

    def fetched():
        return len([seen for seen in system.app.seen if "token" in seen])

    provider.set(ada, URL)
    clock.seconds += lives / 2
    provider.set(ada, URL)
    assert fetched() == 1
    clock.seconds += lives / 2 - 10
    provider.set(ada, URL)
    assert fetched() == 2


@pytest.mark.parametrize(
    ("status", "error"),
    [(429, TransientError), (500, TransientError), (503, TransientError), (400, PermanentError), (401, PermanentError)],
)
@pytest.mark.parametrize("name", ["okta", "entra", "onelogin", "pingone"])
def test_a_token_endpoint_that_fails_is_told_from_one_that_refuses(name, serve, status, error):
    system = EACH[name]()
    ada = system.standin.add("ada", "ada@example.com")
    system.app.faults.append(faults.answer(status, {"Retry-After": "7"}, b'{"error": "no"}'))
    with pytest.raises(error, match=str(status)) as caught:
        system.speak(serve(system)).set(ada, URL)
    assert getattr(caught.value, "seconds", 7) == 7
