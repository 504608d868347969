"""Photos from an LDAP directory, imported by the command."""

import base64
import gc
import json
import subprocess
import sys
from contextlib import ExitStack
from typing import Any

import pytest
import trustme

from headshot_cli.sources import NoPicture
from local import portrait
from local.stack import PROJECT
from tests import pictures
from tests.cli.importing import run

__all__ = ["run"]

# ldap3 uses deprecated names of its dependencies, and leaves sockets to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings(f"ignore:{warning}")
    for warning in (
        "(tagMap|typeMap) is deprecated:DeprecationWarning",
        "ssl.match_hostname:DeprecationWarning",
        "unclosed <(ssl|socket):ResourceWarning",
    )
]

PAGE = 7
BASE = "ou=people,dc=example,dc=com"
BIND_DN = f"uid=headshot,{BASE}"
SIGNED_IN = ["--bind-dn", BIND_DN]


def entry(dn, **attributes):
    """Write an entry in LDIF (RFC 2849), every value in base64."""
    lines = [f"dn: {dn}"]
    for name, value in attributes.items():
        lines.append(f"{name}:: {base64.b64encode(value if isinstance(value, bytes) else value.encode()).decode()}")
    return "\n".join(lines) + "\n\n"


def person(uid, **attributes):
    return entry(f"uid={uid},{BASE}", objectClass="person", uid=uid, **attributes)


def picture(name, side=128):
    return portrait.jpeg(name, (side, side))


PEOPLE = [f"ldap{number:02}" for number in range(2 * PAGE + 3)]
TREE = (
    entry("dc=com", objectClass="dcObject", dc="com")
    + entry("dc=example,dc=com", objectClass="dcObject", dc="example")
    + entry(BASE, objectClass="organizationalUnit", ou="people")
    + entry(BIND_DN, objectClass="account", uid="headshot", userPassword="known")  # no mail, so it is not imported
    + "".join(person(uid, mail=f"{uid}@example.com", jpegPhoto=picture(uid)) for uid in PEOPLE[2:])
    + person(PEOPLE[0], mail=f"{PEOPLE[0]}@example.com")
    + person(PEOPLE[1], mail=f"{PEOPLE[1]}@example.com", thumbnailPhoto=picture(PEOPLE[1], 96))
)


@pytest.fixture(autouse=True)
def _collected():
    """Collect garbage while its warnings still reach this module's tests."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def serve():
    """Start a directory server with the entries in some LDIF, over TLS if given a key, and return its port."""
    with ExitStack() as running:

        def start(tree, *key):
            command = [sys.executable, "-m", "tests.fakes.directory", str(PAGE), *map(str, key)]
            pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
            server: Any = running.enter_context(subprocess.Popen(command, cwd=PROJECT, text=True, **pipes))
            running.callback(server.terminate)
            server.stdin.write(tree)
            server.stdin.close()
            return int(server.stdout.readline())

        yield start


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def port(serve, authority, tmp_path_factory):
    key = tmp_path_factory.mktemp("tls") / "localhost.pem"
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(key)
    return serve(TREE, key)


@pytest.fixture
def url(port, authority, tmp_path, monkeypatch):
    """Return the URL of a directory that needs a bind, for a caller with the password who trusts its authority."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.setenv("HEADSHOT_LDAP_PASSWORD", "known")
    return f"ldaps://localhost:{port}/{BASE}"


def test_everyone_with_a_mail_address_and_a_picture_is_imported(url, run, headshot, uploader, stranger):
    code, printed, errors, report = run(url, "--bind-dn", BIND_DN, "--user-id", "mail")
    expected = f"{len(PEOPLE) - 1} accepted, 0 unchanged, 0 rejected, 1 missing"
    assert (code, printed.split(";")[0]) == (0, expected), errors
    assert report.keys() == {f"{uid}@example.com" for uid in PEOPLE}
    assert report[f"{PEOPLE[0]}@example.com"] == {
        "user_id": f"{PEOPLE[0]}@example.com",
        "picture": f"uid={PEOPLE[0]},{BASE}",
        "result": "missing",
        "reason": "the directory has no jpegPhoto and no thumbnailPhoto",
    }
    for uid, side in [(PEOPLE[1], 96), (PEOPLE[-1], 128)]:
        url_of_photo = uploader.record(f"{uid}@example.com").json()["url"]
        assert pictures.read_clean(stranger.get(url_of_photo).content).size == (side, side)

    assert run(url, "--bind-dn", BIND_DN)[1].startswith(
        f"0 accepted, {len(PEOPLE) - 1} unchanged, 0 rejected, 1 missing"
    )
    listed = json.loads(headshot("list", "--without-photo", url, *SIGNED_IN, "--json")[1])
    assert [row["user_id"] for row in listed] == [f"{PEOPLE[0]}@example.com"]


def test_the_url_may_name_the_attributes_the_scope_and_a_filter(url, run):
    only = f"{url}?thumbnailPhoto?one?(uid={PEOPLE[1]})"
    _, printed, _, report = run(only, *SIGNED_IN, "--user-id", "uid")
    assert (printed.split(";")[0], list(report)) == ("1 accepted, 0 unchanged, 0 rejected, 0 missing", [PEOPLE[1]])


def test_a_directory_without_passwords_needs_none(serve, headshot):
    port = serve(TREE)
    code, printed, _ = headshot("list", "--without-photo", f"ldap://127.0.0.1:{port}/{BASE}", "--user-id", "uid")
    assert code == 0
    assert set(PEOPLE) - {line.split("\t")[0] for line in printed.splitlines()} <= {PEOPLE[1]}


@pytest.mark.parametrize(
    ("change", "options", "environment", "message"),
    [
        ({}, [], {}, "The directory at localhost fails: LDAPOperationsErrorResult"),
        (
            {},
            SIGNED_IN,
            {"HEADSHOT_LDAP_PASSWORD": "no"},
            "The directory rejects this password",
        ),
        ({BASE: "ou=nobody"}, SIGNED_IN, {}, "The directory has no ou=nobody."),
        ({"ldaps": "ldap"}, SIGNED_IN, {}, "A password is sent over TLS only. Use ldaps://"),
        ({"localhost": "127.0.0.1"}, SIGNED_IN, {}, "The directory at 127.0.0.1 fails"),
        (
            {},
            SIGNED_IN,
            {"SSL_CERT_FILE": "/dev/null"},
            "The directory at localhost fails",
        ),
        ({f"/{BASE}": ""}, [], {}, "is not an LDAP URL"),
        ({}, [*SIGNED_IN, "--user-id", "jpegPhoto"], {}, "jpegPhoto is not text, so it cannot be a user id."),
        ({BASE: f"{BASE}??sub?(mail"}, SIGNED_IN, {}, "The directory at localhost fails"),
    ],
)
def test_a_failure_is_reported_in_one_line(url, headshot, monkeypatch, change, options, environment, message):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for old, new in change.items():
        url = url.replace(old, new)
    code, _, error = headshot("list", "--without-photo", url, *options)
    assert (code, len(error.splitlines())) == (1, 1)
    assert message in error


def test_a_person_who_has_left_has_no_picture(serve):
    from headshot_cli.sources.ldap import Ldap  # noqa: PLC0415  # its warnings are ignored in this module only

    directory = Ldap(f"ldap://127.0.0.1:{serve(TREE)}/{BASE}", "mail")
    with pytest.raises(NoPicture, match="the directory no longer has this person"):
        directory._photo(f"uid=gone,{BASE}")


def test_people_with_the_same_user_id_are_rejected_alone(serve, run):
    twins = [person(name, mail="Twin@example.com", jpegPhoto=picture(name)) for name in ("twin1", "twin2")]
    port = serve(TREE + "".join(twins) + person("binary", mail=b"\xff@example.com", jpegPhoto=picture("binary")))
    code, printed, errors, report = run(f"ldap://127.0.0.1:{port}/{BASE}")
    assert (code, printed.split(";")[0].split(", ")[2:]) == (1, ["3 rejected", "1 missing"])
    dns = [f"uid={name},{BASE}" for name in ("twin1", "twin2")]
    assert report["Twin@example.com"]["reason"].startswith(f"{' and '.join(dns)} have the same user id")
    assert f"uid=binary,{BASE}: mail is not text, so it cannot be a user id." in errors
