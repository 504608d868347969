from contextlib import ExitStack

import pytest

from local.okta import serving


@pytest.fixture
def serve():
    """Serve a stand-in on loopback and give its URL."""
    with ExitStack() as running:
        yield lambda system: running.enter_context(serving(system.app))
