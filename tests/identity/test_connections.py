"""Network failures are transient, and the message says in words what happened."""

import socket
import ssl

import pytest
import trustme
import urllib3

from headshot import __version__
from headshot.identity import transport
from headshot.identity.errors import TransientError
from local.fake_okta import serving
from tests.fakes import faults
from tests.fakes.systems import PROVIDERS
from tests.identity.samples import URL


@pytest.fixture
def short_timeouts(monkeypatch):
    """Time out after a fifth of a second instead of seconds."""
    monkeypatch.setitem(transport._POOL.connection_pool_kw, "timeout", urllib3.Timeout(0.2))


@pytest.mark.usefixtures("short_timeouts")
def test_a_half_open_connection_times_out(system, ada, serve):
    system.app.faults.extend([faults.no_response] * 2)
    with pytest.raises(TransientError, match=r"does not respond: the request timed out\.$"):
        system.connect(serve(system)).set(ada, URL)


@pytest.mark.usefixtures("short_timeouts")
def test_a_truncated_response_is_a_transient_error(system, ada, serve):
    system.app.faults.extend([faults.truncate] * 2)
    reason = "(the connection was interrupted|the request timed out)"
    with pytest.raises(TransientError, match=rf"does not respond: {reason}\.$"):
        system.connect(serve(system)).set(ada, URL)


def test_an_interrupted_connection_is_a_transient_error(serve):
    system = PROVIDERS["atlassian"]()
    system.app.faults.extend([faults.disconnect] * 2)
    with pytest.raises(TransientError, match=r"^Atlassian does not respond: the connection was interrupted\.$"):
        system.connect(serve(system)).find("ada")


def test_a_refused_connection_is_a_transient_error(system):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        provider = system.connect(f"http://127.0.0.1:{closed.getsockname()[1]}")
        ada = system.fake.add("ada", "ada@example.com")
        for operation in (provider.find, provider.photo_url, provider.clear, lambda user: provider.set(user, URL)):
            with pytest.raises(TransientError, match=rf"^{system.name} does not respond: Connection refused\.$"):
                operation(ada)


def test_an_unknown_host_is_a_transient_error(monkeypatch):
    def unknown(*_arguments, **_options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(TransientError, match=r"^Okta does not respond: the host name does not resolve\.$"):
        PROVIDERS["okta"]().connect("https://example.okta.com").find("ada")


def test_nothing_is_sent_to_a_vendor_with_an_untrusted_certificate(system):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with serving(system.app, ssl_context=context) as url:
        with pytest.raises(
            TransientError,
            match=r"does not respond: its TLS certificate is not trusted, or TLS failed \(.*CERTIFICATE_VERIFY_FAILED",
        ):
            system.connect(url.replace("http", "https", 1)).find("ada")
        assert system.app.seen == []


def test_a_change_with_a_lost_response_can_be_repeated(system, ada, provider):
    system.app.faults.append(faults.lose_response(system.fake.app))
    with pytest.raises(TransientError):
        provider.set(ada, URL)
    provider.set(ada, URL)
    assert system.fake.photo_url(ada) == URL


def test_a_connection_is_reused(system, ada, serve):
    url = serve(system)
    provider = system.connect(url)
    for _ in range(3):
        provider.set(ada, URL)
    connections = transport._POOL.connection_from_url(url)
    assert connections.num_connections == 1
    assert connections.num_requests >= 3


def test_requests_identify_headshot_and_its_version(system, ada, serve):
    agents = []

    def remember(environ, start_response):
        agents.append(environ["HTTP_USER_AGENT"])
        return app(environ, start_response)

    app, system.app = system.app, remember
    system.connect(serve(system)).set(ada, URL)
    assert set(agents) == {f"Headshot/{__version__}"}
