import pytest
from pytest_socket import disable_socket, enable_socket


@pytest.fixture(autouse=True)
def _no_network():
    disable_socket()
    yield
    enable_socket()


@pytest.fixture(autouse=True)
def _stack_name(monkeypatch):
    """Set the dimension of the metrics, as the template does."""
    monkeypatch.setenv("STACK_NAME", "headshot")
