"""Okta's service apps with their default settings: a token works only together with a key (DPoP, RFC 9449)."""

import pytest

from headshot.identity.errors import ConfigurationError
from tests.fakes import faults
from tests.fakes.dpop import Proofs
from tests.fakes.systems import okta_with_key
from tests.identity.samples import URL


def token_requests(system):
    return len([seen for seen in system.app.seen if seen.endswith("/token")])


@pytest.mark.parametrize("api_nonce", [False, True])
def test_an_app_that_requires_proof_of_possession_works(serve, clock, api_nonce):
    proofs = Proofs(api_nonce=api_nonce)
    system = okta_with_key(proofs)
    ada = system.fake.add("ada", "ada@example.com")
    provider = system.connect(serve(system))
    for _ in range(3):
        provider.set(provider.find("ada@example.com"), URL)
        assert system.fake.photo_url(ada) == provider.photo_url(ada) == URL
    assert token_requests(system) == 3, "without a proof, with one, and with the nonce"
    proofs.nonce = "nonce-2"
    clock.seconds += 3600
    provider.clear(ada)
    assert system.fake.photo_url(ada) is None


def test_an_app_that_does_not_require_it_receives_no_proof(serve):
    system = okta_with_key()
    ada = system.fake.add("ada", "ada@example.com")
    system.connect(serve(system)).set(ada, URL)  # the fake rejects bearer tokens that come with a proof
    assert token_requests(system) == 1


def test_a_token_that_is_rejected_early_is_renewed_with_a_new_proof(serve):
    system = okta_with_key(Proofs())
    ada = system.fake.add("ada", "ada@example.com")
    provider = system.connect(serve(system))
    provider.photo_url(ada)
    system.app.faults.append(faults.answer(401))
    provider.set(ada, URL)
    assert system.fake.photo_url(ada) == URL


def test_a_stolen_token_is_useless_to_another_process(serve):
    """Each process has its own key."""
    system = okta_with_key(Proofs())
    ada = system.fake.add("ada", "ada@example.com")
    url = serve(system)
    first, second = system.connect(url), system.connect(url)
    first.photo_url(ada)
    stolen = first._api._authorization.credentials()
    second.photo_url(ada)
    second._api._authorization._credentials = type(stolen)("DPoP", stolen.token, 3600, second._prover)
    seen = token_requests(system)
    second.photo_url(ada)
    assert token_requests(system) > seen, "the second process had to sign in itself"


def test_a_proof_that_is_rejected_repeatedly_fails_with_the_reason(serve):
    system = okta_with_key(Proofs())
    rejected = faults.answer(400, body=b'{"error": "invalid_dpop_proof", "error_description": "The proof is too old."}')
    system.app.faults.extend([rejected] * 9)
    with pytest.raises(ConfigurationError, match=r"credentials \(400: The proof is too old\.\)"):
        system.connect(serve(system)).find("ada")
    assert token_requests(system) == 2


def test_credentials_show_no_token(serve):
    system = okta_with_key(Proofs())
    system.fake.add("ada", "ada@example.com")
    provider = system.connect(serve(system))
    provider.find("ada")
    credentials = provider._api._authorization.credentials()
    assert credentials.token not in repr(credentials)
