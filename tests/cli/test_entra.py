"""Photos from Microsoft Entra ID, imported by the command."""

import json
import ssl
from functools import partial

import pytest
import trustme
from azure.identity import DefaultAzureCredential
from flask import jsonify, request

from headshot_cli.sources import entra as source
from local import portrait
from local.fake_okta import serving
from tests import pictures
from tests.cli.importing import run
from tests.fakes import entra
from tests.fakes.faults import Faulty, answer
from tests.fakes.oauth import Client, Tokens

__all__ = ["run"]

TENANT = "11111111-2222-3333-4444-555555555555"


class Graph:
    """A fake of Graph and of Entra's token endpoint, at one address."""

    def __init__(self):
        tokens = Tokens(f"/{TENANT}/oauth2/v2.0/token", Client("client_secret_post", "*", secret="known"))
        self.entra = entra.Entra(tokens.valid)
        tokens.serve(self.entra.app)
        self.entra.app.get(f"/{TENANT}/v2.0/.well-known/openid-configuration")(self._configuration)
        self.app = Faulty(self.entra.app, "/v1.0/")
        self.url = ""

    def _configuration(self):
        """Return what MSAL requests first ("OpenID Connect on the Microsoft identity platform")."""
        url = f"{request.host_url}{TENANT}"
        paths = {"authorization_endpoint": "authorize", "token_endpoint": "token"}
        return jsonify({"issuer": f"{url}/v2.0"} | {name: f"{url}/oauth2/v2.0/{path}" for name, path in paths.items()})


@pytest.fixture
def graph(monkeypatch, tmp_path):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(name, str(tmp_path / "ca.pem"))
    graph = Graph()
    with serving(graph.app, ssl_context=context) as url:
        graph.url = f"https://localhost:{url.rpartition(':')[2]}"
        monkeypatch.setenv("AZURE_AUTHORITY_HOST", graph.url)
        monkeypatch.setenv("AZURE_TENANT_ID", TENANT)
        monkeypatch.setenv("AZURE_CLIENT_ID", "headshot")
        monkeypatch.setenv("AZURE_CLIENT_SECRET", "known")
        # Instance discovery would ask Microsoft's own server about the fake.
        known = partial(DefaultAzureCredential, disable_instance_discovery=True)
        monkeypatch.setattr(source, "DefaultAzureCredential", known)
        yield graph


def login(number):
    return f"entra{number:02}@example.com"


def test_members_photos_are_imported_and_missing_ones_reported(graph, run, headshot, uploader, stranger):
    for number in range(17):
        photo = portrait.jpeg(login(number), (128, 128)) if number % 4 else None
        graph.entra.add(login(number), f"mail{number}@example.com", photo)
    graph.entra.add("guest#EXT#@example.com", "guest@example.org", portrait.jpeg("guest", (128, 128)), userType="Guest")
    graph.entra.add("left@example.com", "left@example.com", portrait.jpeg("left", (128, 128)), accountEnabled=False)

    code, printed, errors, report = run(graph.url)
    assert (code, printed.split(";")[0]) == (0, "12 accepted, 0 unchanged, 0 rejected, 5 missing"), errors
    assert report.keys() == {login(number) for number in range(17)}
    assert report[login(0)]["reason"] == "Entra has no photo"
    photo = stranger.get(uploader.record(login(1)).json()["url"]).content
    assert pictures.read_clean(photo).size == (128, 128)

    listed = json.loads(headshot("list", "--without-photo", graph.url, "--json")[1])
    assert listed == [{"user_id": login(number), "name": login(number)} for number in range(0, 17, 4)]

    assert run(graph.url)[1].startswith("0 accepted, 12 unchanged, 0 rejected, 5 missing")


def test_the_user_id_may_be_another_attribute(graph, run, uploader):
    object_id = graph.entra.add("upn@example.com", "mail@example.com", portrait.jpeg("upn", (128, 128)))
    graph.entra.add("nomail@example.com", None, portrait.jpeg("nomail", (128, 128)))
    for attribute, user_id in [("mail", "mail@example.com"), ("id", object_id)]:
        assert user_id in run(graph.url, "--user-id", attribute)[3]
        assert uploader.record(user_id).status_code == 200
    assert uploader.record("nomail@example.com").status_code == 404


def test_throttling_and_outages_are_retried(graph, run):
    graph.entra.add("throttled@example.com", None, portrait.jpeg("throttled", (128, 128)))
    graph.app.faults.extend([answer(429, {"Retry-After": "0"}), answer(503, {"Retry-After": "0"}), answer(504)])
    assert run(graph.url)[1].startswith("1 accepted")
    assert not graph.app.faults


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (
            answer(
                403, body=b'{"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges."}}'
            ),
            "Graph rejects: Authorization_RequestDenied: Insufficient privileges. Grant the permission User.Read.All",
        ),
        (answer(400, body=b"<html>"), "Graph rejects: status 400"),
        (answer(404, body=b'{"error": {"code": "BadRequest", "message": "No."}}'), "Graph rejects: BadRequest: No."),
        (answer(200, body=b"<html>a firewall's page</html>"), "Graph rejects: status 200"),
    ],
)
def test_graphs_errors_are_reported_in_one_line(graph, headshot, fault, message):
    graph.app.faults.append(fault)
    code, _, error = headshot("list", "--without-photo", graph.url)
    assert (code, error[: len(message)], len(error.splitlines())) == (1, message, 1)


def test_a_wrong_secret_is_reported_in_one_line(graph, headshot, monkeypatch):
    monkeypatch.setenv("AZURE_CLIENT_SECRET", "unknown")
    code, _, error = headshot("list", "--without-photo", graph.url)
    assert (code, len(error.splitlines())) == (1, 1)
    assert error.startswith("Signing in to Entra failed: EnvironmentCredential: Authentication failed")


def test_the_token_is_not_sent_to_another_server(graph, headshot):
    graph.entra.next_page = "https://localhost:1/v1.0/users"
    for number in range(entra.PAGE + 1):
        graph.entra.add(login(number), None)
    code, _, error = headshot("list", "--without-photo", graph.url)
    assert (code, error.split(":")[0]) == (1, "Graph refers to another server, which must not receive the token")
