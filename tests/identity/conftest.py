import time
from contextlib import ExitStack
from types import SimpleNamespace

import pytest

from headshot.identity import api, authorization
from local.fake_okta import serving


@pytest.fixture
def serve():
    """Serve a fake on loopback and give its URL."""
    with ExitStack() as running:
        yield lambda system: running.enter_context(serving(system.app))


@pytest.fixture
def clock(monkeypatch):
    """The time by which tokens and rate limits end: `clock.seconds` may be moved on."""
    clock = SimpleNamespace(seconds=time.monotonic())
    clock.monotonic = lambda: clock.seconds
    for module in (api, authorization):
        monkeypatch.setattr(module, "time", clock)
    return clock
