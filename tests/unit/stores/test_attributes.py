"""Values and DynamoDB's items, by the rules of boto3."""

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from headshot.stores.attributes import from_item, to_item

VALUES = {"s": "ż", "n": -3, "yes": True, "no": False, "none": None, "list": ["a", 1, None], "map": {"m": {"n": 2}}}


def test_values_become_the_item_that_boto3_makes_and_come_back():
    item = to_item(VALUES)
    assert item == TypeSerializer().serialize(VALUES)["M"]
    assert from_item(item) == TypeDeserializer().deserialize({"M": item}) == VALUES
    assert from_item(item)["yes"] is True


def test_a_value_that_no_table_holds_is_a_mistake():
    with pytest.raises(TypeError, match="float"):
        to_item({"x": 1.5})
    with pytest.raises(TypeError, match="SS"):
        from_item({"x": {"SS": ["a"]}})
