"""Signing in: what tokens, secrets and keys can do wrong."""

import json

import pytest

from headshot.identity.errors import ConfigurationError, TransientError
from tests.fakes import faults
from tests.fakes.systems import EACH, WAYS

URL = "https://photos.example.com/photos/ada/9f86d081884c7d659a2feaa0c55ad015.jpg"


@pytest.mark.parametrize("way", WAYS)
def test_wrong_credentials_are_rejected_and_right_ones_taken_up_without_a_new_start(way, serve):
    system = WAYS[way]()
    ada = system.fake.add("ada", "ada@example.com")
    right = dict(system.secret)
    provider = system.speak(serve(system))
    for name in set(right) & {"api_token", "api_key", "client_id", "client_secret"}:
        system.secret[name] = "wrong"
        with pytest.raises(ConfigurationError, match="secret"):
            provider.set(ada, URL)
        system.secret |= right
    provider.set(ada, URL)
    assert system.fake.photo_url(ada) == URL


@pytest.mark.parametrize("way", WAYS)
def test_a_secret_that_lacks_something_says_what(way, serve):
    system = WAYS[way]()
    url = serve(system)
    for name in set(system.secret) - {"key_id", "api_token"}:
        system.secret = {key: value for key, value in system.secret.items() if key != name}
        with pytest.raises(ConfigurationError, match="secret"):
            system.speak(url).find("ada")


@pytest.mark.parametrize("way", ["okta", "entra-certificate"])
def test_a_private_key_that_is_none_is_rejected(way, serve):
    system = WAYS[way]()
    system.secret["private_key"] = "not a key"
    with pytest.raises(ConfigurationError, match="private_key"):
        system.speak(serve(system)).find("ada")


@pytest.mark.parametrize("name", ["okta", "entra", "onelogin", "pingone"])
def test_a_token_is_fetched_once_and_again_before_it_ends(name, serve, clock):
    system = EACH[name]()
    ada = system.fake.add("ada", "ada@example.com")
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
    ada = system.fake.add("ada", "ada@example.com")
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
    [(status, TransientError) for status in (408, 423, 425, 429, 500, 501, 503, 520, 530)]
    + [(status, ConfigurationError) for status in (301, 400, 401, 403, 404, 405, 422)],
)
@pytest.mark.parametrize("name", ["okta", "entra", "onelogin", "pingone"])
def test_a_token_endpoint_that_fails_is_told_from_one_that_rejects(name, serve, status, error):
    system = EACH[name]()
    ada = system.fake.add("ada", "ada@example.com")
    system.app.faults.append(faults.answer(status, {"Retry-After": "7"}, b'{"error": "no"}'))
    with pytest.raises(error, match=str(status)) as caught:
        system.speak(serve(system)).set(ada, URL)
    assert getattr(caught.value, "seconds", 7) == 7


@pytest.mark.parametrize("way", WAYS)
def test_a_secret_with_white_space_around_each_field_works(way, serve):
    system = WAYS[way]()
    ada = system.fake.add("ada", "ada@example.com")
    system.secret = {name: f" {value}\r\n" for name, value in system.secret.items()}
    system.speak(serve(system)).set(ada, URL)
    assert system.fake.photo_url(ada) == URL


@pytest.mark.parametrize("announced", [None, "soon", -1, 0, "NaN", 1e999, [], "absent"])
def test_a_token_of_unknown_life_is_used_and_soon_renewed(announced, serve, clock):
    system = EACH["pingone"]()
    ada = system.fake.add("ada", "ada@example.com")
    token = {"access_token": "known", "token_type": "Bearer"} | (
        {} if announced == "absent" else {"expires_in": announced}
    )
    valid = system.fake._authorized
    system.fake._authorized = lambda header: header == "Bearer known" or valid(header)
    system.app.faults.append(faults.answer(200, body=json.dumps(token).encode()))
    provider = system.speak(serve(system))
    for later, sign_ins in ((0, 1), (0, 1), (301, 2)):
        clock.seconds += later
        provider.set(ada, URL)
        assert len([seen for seen in system.app.seen if "token" in seen]) == sign_ins


@pytest.mark.parametrize("token", ["kno\nwn", "kn\u00f6wn", 7, None])
def test_a_token_that_no_header_can_carry_is_none(token, serve):
    system = EACH["pingone"]()
    ada = system.fake.add("ada", "ada@example.com")
    system.app.faults.append(faults.answer(200, body=json.dumps({"access_token": token}).encode()))
    with pytest.raises(TransientError, match="returned no token"):
        system.speak(serve(system)).set(ada, URL)


def test_onelogins_reason_is_told(serve):
    system = EACH["onelogin"]()
    system.secret["client_secret"] = "wrong"
    with pytest.raises(ConfigurationError, match=r"credentials \(401: Authentication Failure\)"):
        system.speak(serve(system)).find("ada")
