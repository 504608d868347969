"""The identity provider has what the record says, or nothing of an erased user."""

from dataclasses import replace
from unittest.mock import ANY

import pytest

from headshot import urls
from headshot.identity.errors import (
    ConfigurationError,
    PermanentError,
    TransientError,
    UnexpectedError,
    UnknownUserError,
)
from headshot.publish import Publisher
from headshot.record import Published
from tests.unit.examples import RECORD, TOMBSTONE
from tests.unit.memory import MemoryProvider, MemoryRecords
from tests.unit.publish.samples import ERASED_URL


def test_a_photo_is_published_and_the_record_says_so(records):
    provider = MemoryProvider()
    Publisher(records, provider, ERASED_URL).publish("ada")
    assert provider.held == {"ada": RECORD.url}
    published = records.items["ada"].published
    assert (published.status, published.attempts, published.error) == ("published", 1, None)


def test_a_user_is_searched_only_once(records):
    """From then on, the identity provider's own id is used."""
    provider = MemoryProvider()
    provider.ids["ada"] = "00u1"
    publisher = Publisher(records, provider, ERASED_URL)
    for _ in range(2):
        publisher.publish("ada")
    assert provider.calls == [("find", "ada"), ("set", "00u1"), ("set", "00u1")]
    assert records.items["ada"].identity_id == "00u1"


def test_the_identity_id_is_stored_even_if_the_change_fails(records):
    """The change may have been made although the response says otherwise."""
    provider = MemoryProvider()
    provider.ids["ada"] = "00u1"
    provider.once["00u1"] = [TransientError("down")]
    with pytest.raises(TransientError):
        Publisher(records, provider, ERASED_URL).publish("ada")
    assert records.items["ada"].identity_id == "00u1"


def test_a_recreated_account_is_found_by_name(records):
    provider = MemoryProvider()
    provider.ids["ada"] = "00u2"
    provider.errors["00u1"] = UnknownUserError("no 00u1")
    records.items["ada"] = replace(RECORD, identity_id="00u1")
    Publisher(records, provider, ERASED_URL).publish("ada")
    assert provider.held == {"00u2": RECORD.url}
    assert records.items["ada"].identity_id == "00u2"


def test_the_default_picture_is_not_published(records):
    records.items[urls.DEFAULT_USER] = replace(RECORD, user_id=urls.DEFAULT_USER)
    provider = MemoryProvider()
    Publisher(records, provider, ERASED_URL).publish(urls.DEFAULT_USER)
    assert provider.calls == []


@pytest.mark.parametrize(("erased_url", "held"), [(ERASED_URL, {"00u1": ERASED_URL}), (None, {})])
def test_an_erased_user_gets_the_neutral_picture_or_none(erased_url, held):
    """The user is known by the identity id, since the name may have changed."""
    records, provider = MemoryRecords(), MemoryProvider({"00u1": RECORD.url})
    records.items["ada"] = TOMBSTONE
    provider.errors["ada"] = UnknownUserError("nobody")
    Publisher(records, provider, erased_url).publish("ada")
    assert provider.held == held
    assert records.left == {}


@pytest.mark.parametrize("tombstone", [TOMBSTONE, replace(TOMBSTONE, identity_id=None)])
def test_the_erasure_of_a_user_unknown_to_the_identity_provider_is_complete(tombstone):
    records, provider = MemoryRecords(), MemoryProvider(error=UnknownUserError("nobody"))
    records.items["ada"] = tombstone
    Publisher(records, provider, ERASED_URL).publish("ada")
    assert provider.held == {}
    assert provider.calls[-1] == ("find", "ada")
    assert records.left == {}


@pytest.mark.parametrize(
    ("error", "raised", "status"),
    [
        (TransientError("down"), TransientError, "retrying"),
        (PermanentError("not allowed"), PermanentError, "failed"),
        (ConfigurationError("wrong directory"), ConfigurationError, "retrying"),
        (ValueError("bug"), UnexpectedError, "retrying"),
    ],
)
def test_an_unconfirmed_erasure_keeps_its_tombstone_with_the_reason(error, raised, status):
    records, provider = MemoryRecords(), MemoryProvider(error=error)
    records.items["ada"] = TOMBSTONE
    publisher = Publisher(records, provider, ERASED_URL)
    for attempts in (1, 2):
        with pytest.raises(raised) as caught:
            publisher.publish("ada")
        published = records.items["ada"].published
        assert published == Published(status, ANY, attempts, str(caught.value))
    provider.error = None
    publisher.publish("ada")
    assert (provider.held, records.left) == ({"00u1": ERASED_URL}, {})
