"""How containers reach the local stack, tested without Docker. tests/containers tests it with Docker."""

import json
import socket
import sys

import pytest

from local import sam_local
from local.emulator import Emulator, EmulatorError
from local.sam_local import bridge_address
from tests.stack.conftest import free_port


@pytest.fixture
def docker(tmp_path, monkeypatch):
    """Replace the docker command by a script."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def answers(text, status=0):
        command = tmp_path / "docker"
        stream = 2 if status else 1
        command.write_text(f"#!/bin/sh\necho '{text}' >&{stream}\nexit {status}\n")
        command.chmod(0o755)

    return answers


@pytest.mark.parametrize(
    ("networks", "address"),
    [
        ([{"Subnet": "172.17.0.0/16", "Gateway": "172.17.0.1"}], "172.17.0.1"),
        ([{"Subnet": "172.17.0.0/16"}], "172.17.0.1"),
        ([{"Subnet": "10.9.0.0/24", "Gateway": "10.9.0.254"}], "10.9.0.254"),
        ([{"Subnet": "fd00::/64", "Gateway": "fd00::1"}, {"Subnet": "172.30.0.0/16"}], "172.30.0.1"),
    ],
)
def test_containers_reach_this_machine_at_the_gateway_of_the_bridge_network(docker, networks, address):
    docker(json.dumps(networks))
    assert bridge_address() == address


def test_without_docker_the_error_says_what_to_do(docker):
    with pytest.raises(EmulatorError, match="there is no docker command"):
        bridge_address()
    docker("Cannot connect to the Docker daemon", status=1)
    with pytest.raises(EmulatorError, match="Cannot connect to the Docker daemon"):
        bridge_address()
    docker("[]")
    with pytest.raises(EmulatorError, match="IPv4 subnet"):
        bridge_address()


def listens(address, port):
    with socket.socket() as connection:
        return connection.connect_ex((address, port)) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere 127.0.0.1 is all there is of loopback")
def test_the_emulator_listens_on_loopback_and_where_containers_reach_it_and_nowhere_else(tmp_path):
    emulator = Emulator(free_port(), tmp_path, "127.0.0.2")
    with emulator.running():
        assert [listens(f"127.0.0.{last}", emulator.port) for last in (1, 2, 3)] == [True, True, False]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("127.0.0.2", "is busy. Stop what uses it"),
        ("192.0.2.1", "192.0.2.1 is not an address of this machine"),  # one for documentation (RFC 5737)
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere 127.0.0.1 is all there is of loopback")
def test_an_address_that_cannot_be_used_is_reported_before_the_start(tmp_path, address, message):
    with socket.create_server(("127.0.0.2", 0)) as taken:
        emulator = Emulator(taken.getsockname()[1], tmp_path, address)
        with pytest.raises(EmulatorError, match=message), emulator.running():
            pytest.fail("it started")


@pytest.mark.parametrize(("machine", "architecture"), [("x86_64", "x86_64"), ("AMD64", "x86_64"), ("aarch64", "arm64")])
def test_functions_in_containers_have_the_architecture_of_this_machine(monkeypatch, machine, architecture):
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert sam_local.architecture() == architecture
