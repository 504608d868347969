"""Nothing is sent until a rate limit is over, however the vendor announces it."""

import time
from email.utils import formatdate

import pytest

from headshot.identity.errors import TransientError
from tests.fakes import faults
from tests.fakes.systems import PROVIDERS
from tests.identity.samples import URL

LIMITS = {
    "okta": lambda: {
        "X-Rate-Limit-Limit": "600",
        "X-Rate-Limit-Remaining": "0",
        "X-Rate-Limit-Reset": str(int(time.time()) + 30),
    },
    "entra": lambda: {"Retry-After": "30"},
    "onelogin": lambda: {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "30"},
    "pingone": lambda: {"Retry-After": formatdate(time.time() + 30, usegmt=True)},
    "atlassian": lambda: {"Retry-After": "30"},
}


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_rate_limit_is_respected_as_each_vendor_announces_it(name, serve):
    system = PROVIDERS[name]()
    ada = system.fake.add("ada", "ada@example.com")
    provider = system.connect(serve(system))
    provider.photo_url(ada)
    system.app.faults.append(faults.answer(429, LIMITS[name]()))
    for _ in range(3):
        with pytest.raises(TransientError) as limited:
            provider.set(ada, URL)
        assert 27 < (limited.value.seconds or 0) <= 30
        sent = len(system.app.seen)
    assert len(system.app.seen) == sent, "a request was sent before the limit was over"


@pytest.mark.parametrize("status", [400, 403])
def test_onelogins_rate_limit_is_recognised_by_its_headers(serve, status):
    system = PROVIDERS["onelogin"]()
    ada = system.fake.add("ada", "ada@example.com")
    system.app.faults += [system.app._app, faults.answer(status, LIMITS["onelogin"]())]
    with pytest.raises(TransientError) as limited:
        system.connect(serve(system)).set(ada, URL)
    assert limited.value.seconds == 30


def test_a_malformed_rate_limit_lasts_one_second(system, ada, provider):
    malformed = {"Retry-After": "soon", "X-Rate-Limit-Reset": "later", "X-RateLimit-Reset": "never"}
    system.app.faults.append(faults.answer(429, malformed))
    with pytest.raises(TransientError) as limited:
        provider.set(ada, URL)
    assert limited.value.seconds is None
    with pytest.raises(TransientError) as limited:
        provider.set(ada, URL)
    assert 0 < (limited.value.seconds or 0) <= 1
