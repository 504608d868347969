"""RecordStore: which schemas of an item it reads, and what it does about others."""

from dataclasses import asdict

import pytest

from headshot.problems import RecordTooNew
from headshot.record import SCHEMA
from headshot.stores.attributes import to_item
from headshot.stores.items import item_of
from headshot.stores.records import RecordStore
from tests.unit.examples import ERASED, ERASURE, RECORD, TOMBSTONE
from tests.unit.stores.stubs import stubbed

TOO_NEW = {"schema": {"N": str(SCHEMA + 1)}}
ERASED_ITEM = {"user_id": {"S": "ada"}, "erased": {"S": ERASED}, "identity_id": {"S": "00u1"}}
ERASED_ITEM |= to_item({"history": [asdict(ERASURE)]})


@pytest.fixture
def dynamodb():
    with stubbed("dynamodb", lambda client: RecordStore("table", client, tombstones=True)) as made:
        yield made


def test_an_item_has_the_number_of_its_schema():
    assert item_of(RECORD)["schema"] == {"N": str(SCHEMA)}


def test_an_item_without_a_schema_is_one_of_schema_1(dynamodb):
    stub, records = dynamodb
    item = item_of(RECORD)
    del item["schema"]
    for stored, entry in ((item, RECORD), (ERASED_ITEM, TOMBSTONE)):
        stub.add_response("get_item", {"Item": stored})
        assert records.entry("ada") == entry


@pytest.mark.parametrize("item", [item_of(RECORD), ERASED_ITEM], ids=["record", "tombstone"])
def test_an_item_of_a_later_schema_is_refused_and_stays_as_it_is(dynamodb, item):
    stub, records = dynamodb
    for call in (records.find, records.entry, records.erase):
        stub.add_response("get_item", {"Item": item | TOO_NEW})
        with pytest.raises(RecordTooNew, match="Deploy that one again"):
            call("ada")
    for call in (lambda: records.page(None, 1), lambda: records.search(None, None)):
        stub.add_response("scan", {"Items": [item | TOO_NEW]})
        with pytest.raises(RecordTooNew):
            call()


def test_whether_a_user_exists_is_known_in_any_schema(dynamodb):
    stub, records = dynamodb
    stub.add_response("get_item", {"Item": item_of(RECORD) | TOO_NEW})
    assert records.exists("ada")
