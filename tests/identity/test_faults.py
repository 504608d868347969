"""What goes wrong on the way to a vendor, and what is made of it."""

import socket
import ssl
import time
from email.utils import formatdate

import pytest
import trustme
import urllib3

from headshot import __version__
from headshot.identity import transport
from headshot.identity.errors import ConfigurationError, IdentityError, PermanentError, TransientError
from local.fake_okta import serving
from tests.fakes import faults
from tests.fakes.systems import EACH

URL = "https://photos.example.com/photos/ada/9f86d081884c7d659a2feaa0c55ad015.jpg"


@pytest.fixture(params=EACH)
def system(request):
    return EACH[request.param]()


@pytest.fixture
def ada(system):
    return system.fake.add("ada", "ada@example.com")


@pytest.fixture
def provider(system, ada, serve):
    """A provider that is signed in."""
    provider = system.speak(serve(system))
    provider.photo_url(ada)
    return provider


@pytest.fixture
def impatient(monkeypatch):
    """Wait a fifth of a second where the functions wait for seconds."""
    monkeypatch.setitem(transport._POOL.connection_pool_kw, "timeout", urllib3.Timeout(0.2))


PASSING = [408, 409, 423, 425, 429, 500, 501, 502, 503, 504, 507, 509, 511, 520, 522, 525, 529, 530, 598, 599]


@pytest.mark.parametrize("status", PASSING)
def test_what_can_pass_is_to_be_tried_later_and_then_works(system, ada, clock, provider, status):
    system.app.faults.append(faults.answer(status))
    with pytest.raises(TransientError, match=f"{system.name} answered {status}"):
        provider.set(ada, URL)
    clock.seconds += 1
    provider.set(ada, URL)
    assert system.fake.photo_url(ada) == URL


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


@pytest.mark.parametrize("name", EACH)
def test_a_rate_limit_is_kept_to_as_each_vendor_announces_it(name, serve):
    system = EACH[name]()
    ada = system.fake.add("ada", "ada@example.com")
    provider = system.speak(serve(system))
    provider.photo_url(ada)
    system.app.faults.append(faults.answer(429, LIMITS[name]()))
    for _ in range(3):
        with pytest.raises(TransientError) as limited:
            provider.set(ada, URL)
        assert 27 < (limited.value.seconds or 0) <= 30
        sent = len(system.app.seen)
    assert len(system.app.seen) == sent, "it was asked again before the limit was over"


@pytest.mark.parametrize("status", [400, 403])
def test_onelogins_rate_limit_is_known_by_its_headers(serve, status):
    system = EACH["onelogin"]()
    ada = system.fake.add("ada", "ada@example.com")
    system.app.faults += [system.app._app, faults.answer(status, LIMITS["onelogin"]())]
    with pytest.raises(TransientError) as limited:
        system.speak(serve(system)).set(ada, URL)
    assert limited.value.seconds == 30


def test_a_rate_limit_that_makes_no_sense_is_waited_for_a_second(system, ada, provider):
    nonsense = {"Retry-After": "soon", "X-Rate-Limit-Reset": "later", "X-RateLimit-Reset": "never"}
    system.app.faults.append(faults.answer(429, nonsense))
    with pytest.raises(TransientError) as limited:
        provider.set(ada, URL)
    assert limited.value.seconds is None
    with pytest.raises(TransientError) as limited:
        provider.set(ada, URL)
    assert 0 < (limited.value.seconds or 0) <= 1


def test_a_token_that_is_rejected_in_mid_flight_is_renewed_once(system, ada, provider):
    system.app.faults.append(faults.answer(401))
    provider.set(ada, URL)
    assert system.fake.photo_url(ada) == URL


@pytest.mark.parametrize("status", [400, 402, 405, 406, 410, 411, 413, 414, 415, 418, 422, 451])
def test_what_cannot_pass_is_rejected_with_the_vendors_name(system, ada, provider, status):
    system.app.faults.append(faults.answer(status))
    with pytest.raises(PermanentError, match=f"{system.name} answered {status}"):
        provider.set(ada, URL)


@pytest.mark.parametrize("status", [401, 403])
def test_what_is_rejected_to_everybody_is_told_from_what_is_about_one_photo(system, ada, provider, status):
    signs_in = [system.app._app] if system.name != "Atlassian" else []
    system.app.faults.extend([faults.answer(401), *signs_in] * (status == 401) + [faults.answer(status)])
    with pytest.raises(ConfigurationError, match=f"{system.name} answered {status}"):
        provider.set(ada, URL)


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
    system = EACH["onelogin"]()
    ada = system.fake.add("ada", "ada@example.com")
    provider = system.speak(serve(system))
    fault = faults.answer(status, {"Location": location} if location else None)
    system.app.faults.append(fault)
    with pytest.raises(ConfigurationError, match=rf"credentials \({status}{named}: no reason given\)"):
        provider.photo_url(ada)
    provider.photo_url(ada)
    system.app.faults.append(fault)
    with pytest.raises(ConfigurationError, match=rf"^OneLogin answered {status}{named}\. Check IdentityProviderUrl\.$"):
        provider.photo_url(ada)


@pytest.mark.parametrize("body", [b"<html>Sorry!</html>", b"\xff\xfe\x00", b'{"id": ', b"7", b"null"])
def test_an_answer_that_is_not_the_apis_json_is_to_be_tried_later(system, ada, provider, body):
    system.app.faults.append(faults.answer(200, body=body))
    with pytest.raises(TransientError, match="JSON"):
        provider.set(ada, URL)


@pytest.mark.parametrize("status", [400, 403, 404, 500])
@pytest.mark.parametrize("body", [b"<html>Sorry!</html>", b"[]", b'{"error": 1, "status": 2, "details": null}'])
def test_an_error_with_a_strange_body_is_still_the_error_that_its_status_says(system, ada, provider, status, body):
    system.app.faults.append(faults.answer(status, body=body))
    with pytest.raises(IdentityError, match=str(status)):
        provider.set(ada, URL)


def test_an_answer_without_end_is_given_up(system, ada, provider):
    system.app.faults.append(faults.answer(200, body=b"[" * 3_000_000))
    with pytest.raises(TransientError):
        provider.set(ada, URL)


@pytest.mark.usefixtures("impatient")
def test_a_half_open_connection_is_given_up(system, ada, serve):
    system.app.faults.extend([faults.silence] * 2)
    with pytest.raises(TransientError, match=r"does not respond: the request timed out\.$"):
        system.speak(serve(system)).set(ada, URL)


@pytest.mark.usefixtures("impatient")
def test_an_answer_that_is_cut_off_is_to_be_tried_later(system, ada, serve):
    system.app.faults.extend([faults.cut_off] * 2)
    with pytest.raises(
        TransientError, match=r"does not respond: (the connection was interrupted|the request timed out)\.$"
    ):
        system.speak(serve(system)).set(ada, URL)


def test_a_connection_that_breaks_off_is_told_in_words(serve):
    system = EACH["atlassian"]()
    system.app.faults.extend([faults.hang_up] * 2)
    with pytest.raises(TransientError, match=r"^Atlassian does not respond: the connection was interrupted\.$"):
        system.speak(serve(system)).find("ada")


def test_a_connection_is_kept_from_call_to_call(system, ada, serve):
    url = serve(system)
    provider = system.speak(url)
    for _ in range(3):
        provider.set(ada, URL)
    connections = transport._POOL.connection_from_url(url)
    assert connections.num_connections == 1
    assert connections.num_requests >= 3


def test_a_vendor_that_is_down_is_to_be_tried_later(system):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        provider = system.speak(f"http://127.0.0.1:{closed.getsockname()[1]}")
        ada = system.fake.add("ada", "ada@example.com")
        for operation in (provider.find, provider.photo_url, provider.clear, lambda user: provider.set(user, URL)):
            with pytest.raises(TransientError, match=rf"^{system.name} does not respond: Connection refused\.$"):
                operation(ada)


def test_a_vendor_whose_certificate_is_not_trusted_is_told_nothing(system):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with serving(system.app, ssl_context=context) as url:
        with pytest.raises(
            TransientError,
            match=r"does not respond: its TLS certificate is not trusted, or TLS failed \(.*CERTIFICATE_VERIFY_FAILED",
        ):
            system.speak(url.replace("http", "https", 1)).find("ada")
        assert system.app.seen == []


def test_what_was_done_while_its_answer_got_lost_is_done_again_without_harm(system, ada, provider):
    system.app.faults.append(faults.done_then_lost(system.fake.app))
    with pytest.raises(TransientError):
        provider.set(ada, URL)
    provider.set(ada, URL)
    assert system.fake.photo_url(ada) == URL


def test_a_host_that_does_not_exist_is_named_as_such(monkeypatch):
    def unknown(*_arguments, **_options):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(TransientError, match=r"^Okta does not respond: the host name does not resolve\.$"):
        EACH["okta"]().speak("https://example.okta.com").find("ada")


def test_vendors_can_tell_headshot_by_its_name_and_version(system, ada, serve):
    agents = []

    def remember(environ, start_response):
        agents.append(environ["HTTP_USER_AGENT"])
        return app(environ, start_response)

    app, system.app = system.app, remember
    system.speak(serve(system)).set(ada, URL)
    assert set(agents) == {f"Headshot/{__version__}"}
