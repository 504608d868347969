"""A vendor's status and body decide whether an error is transient, permanent, or concerns every user."""

import pytest

from headshot.identity.errors import ConfigurationError, IdentityError, PermanentError, TransientError
from tests.fakes import faults
from tests.fakes.systems import PROVIDERS
from tests.identity.samples import URL

TRANSIENT = [408, 409, 423, 425, 429, 500, 501, 502, 503, 504, 507, 509, 511, 520, 522, 525, 529, 530, 598, 599]


@pytest.mark.parametrize("status", TRANSIENT)
def test_a_transient_error_can_be_retried_and_then_works(system, ada, clock, provider, status):
    system.app.faults.append(faults.answer(status))
    with pytest.raises(TransientError, match=f"{system.name} answered {status}"):
        provider.set(ada, URL)
    clock.seconds += 1
    provider.set(ada, URL)
    assert system.fake.photo_url(ada) == URL


@pytest.mark.parametrize("status", [400, 402, 405, 406, 410, 411, 413, 414, 415, 418, 422, 451])
def test_a_permanent_error_names_the_vendor(system, ada, provider, status):
    system.app.faults.append(faults.answer(status))
    with pytest.raises(PermanentError, match=f"{system.name} answered {status}"):
        provider.set(ada, URL)


@pytest.mark.parametrize("status", [401, 403])
def test_an_error_that_concerns_every_user_is_a_configuration_error(system, ada, provider, status):
    signs_in = [system.app._app] if system.name != "Atlassian" else []
    system.app.faults.extend([faults.answer(401), *signs_in] * (status == 401) + [faults.answer(status)])
    with pytest.raises(ConfigurationError, match=f"{system.name} answered {status}"):
        provider.set(ada, URL)


def test_a_token_that_is_rejected_early_is_renewed_once(system, ada, provider):
    system.app.faults.append(faults.answer(401))
    provider.set(ada, URL)
    assert system.fake.photo_url(ada) == URL


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("location", "named"),
    [
        ("http://127.0.0.1:1/?code=known", ", a redirect to 127.0.0.1"),
        ("https://login.example.com/", ", a redirect to login.example.com"),
        ("/elsewhere", ""),
        ("http://[", ""),
        (None, ""),
    ],
)
def test_a_redirect_is_not_followed_and_its_host_is_named(status, location, named, serve):
    system = PROVIDERS["onelogin"]()
    ada = system.fake.add("ada", "ada@example.com")
    provider = system.connect(serve(system))
    fault = faults.answer(status, {"Location": location} if location else None)
    system.app.faults.append(fault)
    with pytest.raises(ConfigurationError, match=rf"credentials \({status}{named}: no reason given\)"):
        provider.photo_url(ada)
    provider.photo_url(ada)
    system.app.faults.append(fault)
    with pytest.raises(ConfigurationError, match=rf"^OneLogin answered {status}{named}\. Check IdentityProviderUrl\.$"):
        provider.photo_url(ada)


@pytest.mark.parametrize("body", [b"<html>Sorry!</html>", b"\xff\xfe\x00", b'{"id": ', b"7", b"null"])
def test_a_body_that_is_not_the_apis_json_is_a_transient_error(system, ada, provider, body):
    system.app.faults.append(faults.answer(200, body=body))
    with pytest.raises(TransientError, match=r"JSON.* Check IdentityProviderUrl if this persists\."):
        provider.set(ada, URL)


FOREIGN_BODIES = [
    b"<html>Sorry!</html>",
    b"[]",
    b'{"error": 1, "status": 2, "details": null}',
    b'{"message": null, "errorSummary": null, "errorCauses": null}',
    b'{"error": {"code": []}, "code": {"a": 1}, "errorCode": [1], "errorCauses": [7], "details": 7}',
]


@pytest.mark.parametrize("status", [400, 403, 404, 500])
@pytest.mark.parametrize("body", FOREIGN_BODIES)
def test_an_error_with_an_unknown_body_is_judged_by_its_status(system, ada, provider, status, body):
    system.app.faults.append(faults.answer(status, body=body))
    with pytest.raises(IdentityError, match=str(status)):
        provider.set(ada, URL)


def test_an_endless_body_is_a_transient_error(system, ada, provider):
    system.app.faults.append(faults.answer(200, body=b"[" * 3_000_000))
    with pytest.raises(TransientError):
        provider.set(ada, URL)
