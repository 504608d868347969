import time
from contextlib import ExitStack
from types import SimpleNamespace

import pytest

from headshot.identity import api, authorization
from local.fake_okta import serving
from tests.fakes.systems import PROVIDERS


@pytest.fixture
def serve():
    """Serve a fake on loopback and return its URL."""
    with ExitStack() as running:
        yield lambda system: running.enter_context(serving(system.app))


@pytest.fixture(params=PROVIDERS)
def system(request):
    """Each identity provider, with its usual way to sign in."""
    return PROVIDERS[request.param]()


@pytest.fixture
def ada(system):
    """The identity id of a user."""
    return system.fake.add("ada", "ada@example.com")


@pytest.fixture
def provider(system, ada, serve):
    """A provider that has already signed in."""
    provider = system.connect(serve(system))
    provider.photo_url(ada)
    return provider


@pytest.fixture
def clock(monkeypatch):
    """The clock for tokens and rate limits. Tests advance `clock.seconds`."""
    clock = SimpleNamespace(seconds=time.monotonic())
    clock.monotonic = lambda: clock.seconds
    for module in (api, authorization):
        monkeypatch.setattr(module, "time", clock)
    return clock
