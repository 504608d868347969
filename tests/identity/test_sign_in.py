"""Sign-in: wrong, incomplete and expired tokens, secrets and keys."""

import json

import pytest

from headshot.identity.errors import ConfigurationError, DeniedError, SecretError, TransientError
from tests.fakes import faults
from tests.fakes.systems import PROVIDERS, VARIANTS
from tests.identity.samples import URL


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_corrected_secret_takes_effect_without_a_restart(variant, serve):
    system = VARIANTS[variant]()
    ada = system.fake.add("ada", "ada@example.com")
    right = dict(system.secret)
    provider = system.connect(serve(system))
    for name in set(right) & {"api_token", "api_key", "client_id", "client_secret"}:
        system.secret[name] = "wrong"
        with pytest.raises(ConfigurationError, match="secret"):
            provider.set(ada, URL)
        system.secret |= right
    provider.set(ada, URL)
    assert system.fake.photo_url(ada) == URL


@pytest.mark.parametrize("variant", VARIANTS)
def test_an_incomplete_secret_is_reported(variant, serve):
    system = VARIANTS[variant]()
    url = serve(system)
    for name in set(system.secret) - {"key_id", "api_token"}:
        system.secret = {key: value for key, value in system.secret.items() if key != name}
        with pytest.raises(SecretError, match="secret"):
            system.connect(url).find("ada")


@pytest.mark.parametrize("variant", ["okta", "entra-certificate"])
def test_an_invalid_private_key_is_reported(variant, serve):
    system = VARIANTS[variant]()
    system.secret["private_key"] = "not a key"
    with pytest.raises(SecretError, match="private_key"):
        system.connect(serve(system)).find("ada")


def test_scopes_that_are_not_granted_are_not_the_secrets_fault(serve):
    system = PROVIDERS["okta"]()
    system.app.faults.append(faults.answer(400, body=b'{"error": "invalid_scope", "error_description": "not allowed"}'))
    with pytest.raises(DeniedError, match="did not grant the scopes") as error:
        system.connect(serve(system)).find("ada")
    assert "secret" not in str(error.value)


def test_a_denied_permission_is_told_from_rejected_credentials(serve):
    system = VARIANTS["okta-api-token"]()
    ada = system.fake.add("ada", "ada@example.com")
    system.fake.forbidden.add(ada)
    with pytest.raises(DeniedError, match=r"okta\.users\.manage"):
        system.connect(serve(system)).photo_url(ada)


@pytest.mark.parametrize("name", ["okta", "entra", "onelogin", "pingone"])
def test_a_token_is_reused_until_it_expires(name, serve, clock):
    system = PROVIDERS[name]()
    ada = system.fake.add("ada", "ada@example.com")
    provider = system.connect(serve(system))
    for _ in range(3):
        provider.set(ada, URL)
    fetched = [seen for seen in system.app.seen if "token" in seen]
    assert len(fetched) == 1
    clock.seconds += 36_000
    provider.set(ada, URL)
    assert len([seen for seen in system.app.seen if "token" in seen]) == 2


@pytest.mark.parametrize(
    ("name", "lifetime"), [("okta", 3600), ("entra", 3600), ("onelogin", 36_000), ("pingone", 3600)]
)
def test_a_token_that_may_expire_in_transit_is_renewed(name, lifetime, serve, clock):
    system = PROVIDERS[name]()
    ada = system.fake.add("ada", "ada@example.com")
    provider = system.connect(serve(system))

    def fetched():
        return len([seen for seen in system.app.seen if "token" in seen])

    provider.set(ada, URL)
    clock.seconds += lifetime / 2
    provider.set(ada, URL)
    assert fetched() == 1
    clock.seconds += lifetime / 2 - 10
    provider.set(ada, URL)
    assert fetched() == 2


@pytest.mark.parametrize(
    ("status", "error"),
    [(status, TransientError) for status in (408, 423, 425, 429, 500, 501, 503, 520, 530)]
    + [(status, ConfigurationError) for status in (301, 400, 401, 403, 404, 405, 422)],
)
@pytest.mark.parametrize("name", ["okta", "entra", "onelogin", "pingone"])
def test_a_failing_token_endpoint_is_distinguished_from_a_rejection(name, serve, status, error):
    system = PROVIDERS[name]()
    ada = system.fake.add("ada", "ada@example.com")
    system.app.faults.append(faults.answer(status, {"Retry-After": "7"}, b'{"error": "no"}'))
    with pytest.raises(error, match=str(status)) as caught:
        system.connect(serve(system)).set(ada, URL)
    if isinstance(caught.value, TransientError):
        assert caught.value.seconds == 7


@pytest.mark.parametrize("variant", VARIANTS)
def test_white_space_around_secret_fields_is_ignored(variant, serve):
    system = VARIANTS[variant]()
    ada = system.fake.add("ada", "ada@example.com")
    system.secret = {name: f" {value}\r\n" for name, value in system.secret.items()}
    system.connect(serve(system)).set(ada, URL)
    assert system.fake.photo_url(ada) == URL


@pytest.mark.parametrize("announced", [None, "soon", -1, 0, "NaN", 1e999, [], "absent"])
def test_a_token_of_unknown_lifetime_is_renewed_after_five_minutes(announced, serve, clock):
    system = PROVIDERS["pingone"]()
    ada = system.fake.add("ada", "ada@example.com")
    token = {"access_token": "known", "token_type": "Bearer"} | (
        {} if announced == "absent" else {"expires_in": announced}
    )
    valid = system.fake._authorized
    system.fake._authorized = lambda header: header == "Bearer known" or valid(header)
    system.app.faults.append(faults.answer(200, body=json.dumps(token).encode()))
    provider = system.connect(serve(system))
    for later, sign_ins in ((0, 1), (0, 1), (301, 2)):
        clock.seconds += later
        provider.set(ada, URL)
        assert len([seen for seen in system.app.seen if "token" in seen]) == sign_ins


@pytest.mark.parametrize("token", ["kno\nwn", "kn\u00f6wn", 7, None])
def test_a_token_that_no_header_can_carry_is_a_transient_error(token, serve):
    system = PROVIDERS["pingone"]()
    ada = system.fake.add("ada", "ada@example.com")
    system.app.faults.append(faults.answer(200, body=json.dumps({"access_token": token}).encode()))
    with pytest.raises(TransientError, match="returned no token"):
        system.connect(serve(system)).set(ada, URL)


def test_onelogins_reason_is_reported(serve):
    system = PROVIDERS["onelogin"]()
    system.secret["client_secret"] = "wrong"
    with pytest.raises(
        ConfigurationError, match=r"credentials \(401: Authentication Failure\)\. .* the token URL, http"
    ):
        system.connect(serve(system)).find("ada")
