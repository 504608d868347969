"""Each identity provider stores exactly the URL that it is given, or says why it cannot."""

import json

import pytest

from headshot.identity.errors import PermanentError
from tests.fakes import faults
from tests.fakes.systems import PROVIDERS, VARIANTS
from tests.identity.samples import OTHER_URL, URL


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_url_is_set_read_replaced_and_cleared(variant, serve):
    system = VARIANTS[variant]()
    ada, grace = system.fake.add("ada", "ada@example.com"), system.fake.add("grace", "grace@example.com")
    provider = system.connect(serve(system))
    assert provider.photo_url(ada) is None
    for url in (URL, OTHER_URL, OTHER_URL):
        provider.set(ada, url)
        assert provider.photo_url(ada) == system.fake.photo_url(ada) == url
    for _ in range(2):
        provider.clear(ada)
        assert provider.photo_url(ada) is system.fake.photo_url(ada) is None
    assert system.fake.photo_url(grace) is None


@pytest.mark.parametrize("name", ["okta", "entra", "onelogin", "pingone"])
def test_an_undefined_attribute_is_named(name, serve):
    system = PROVIDERS[name]()
    system._attribute = "extension_unknown"
    ada = system.fake.add("ada", "ada@example.com")
    with pytest.raises(PermanentError, match="extension_unknown"):
        system.connect(serve(system)).set(ada, URL)


@pytest.mark.parametrize("variant", ["okta", "okta-api-token"])
def test_okta_says_how_to_change_a_deactivated_user(variant, serve):
    """This 403 concerns one user, not a missing scope."""
    system = VARIANTS[variant]()
    ada = system.fake.add("ada", "ada@example.com")
    system.fake.deactivate(ada)
    provider = system.connect(serve(system))
    for operation in (lambda: provider.set(ada, URL), lambda: provider.clear(ada)):
        with pytest.raises(
            PermanentError, match=r"403: .*current status.* Erase people before you deactivate them"
        ) as error:
            operation()
        assert "scope" not in str(error.value)
    system.fake.edits_deactivated = True
    provider.set(ada, URL)
    assert system.fake.photo_url(ada) == URL


def url_of_length(length):
    start = "https://photos.example.com/photos/"
    end = "/9f86d081884c7d659a2feaa0c55ad015.jpg"
    return f"{start}{'a' * (length - len(start) - len(end))}{end}"


def test_a_url_too_long_for_entras_directory_extensions_is_not_sent(serve):
    system = PROVIDERS["entra"]()
    ada = system.fake.add("ada", "ada@example.com")
    provider = system.connect(serve(system))
    provider.set(ada, url_of_length(256))
    sent = len(system.app.seen)
    with pytest.raises(PermanentError, match="has 257 characters, but Entra's directory extensions hold only 256"):
        provider.set(ada, url_of_length(257))
    assert len(system.app.seen) == sent
    assert system.fake.photo_url(ada) == url_of_length(256)


def test_entras_extension_attributes_hold_longer_urls(serve):
    system = VARIANTS["entra-extension-attribute"]()
    ada = system.fake.add("ada", "ada@example.com")
    system.connect(serve(system)).set(ada, url_of_length(400))
    assert system.fake.photo_url(ada) == url_of_length(400)


def test_entras_other_bad_requests_are_not_mistaken_for_a_missing_extension(serve):
    system = PROVIDERS["entra"]()
    ada = system.fake.add("ada", "ada@example.com")
    provider = system.connect(serve(system))
    provider.photo_url(ada)
    message = "Unable to update the specified properties for on-premises mastered Directory Sync objects."
    body = json.dumps({"error": {"code": "Request_BadRequest", "message": message}}).encode()
    system.app.faults.append(faults.answer(400, body=body))
    with pytest.raises(PermanentError) as rejected:
        provider.set(ada, URL)
    assert str(rejected.value) == f"Entra answered 400: {message}"
