import socket

import pytest
from pytest_socket import disable_socket, enable_socket


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    # pytest-socket would put back Python's own, instead of what the tests of a stack use for the whole session.
    monkeypatch.setattr(socket, "getaddrinfo", socket.getaddrinfo)
    disable_socket()
    yield
    enable_socket()


@pytest.fixture(autouse=True)
def _stack_name(monkeypatch):
    """Set the dimension of the metrics, as the template does."""
    monkeypatch.setenv("STACK_NAME", "headshot")


@pytest.fixture(autouse=True)
def _no_edge(monkeypatch):
    """Cache nothing in front of the API, as the template does by default."""
    monkeypatch.setenv("EDGE_PARAMETER", "")
