"""Items of DynamoDB as Python values, for the kinds of value that the tables hold.

boto3 has the same for all kinds ("AttributeValue", DynamoDB API reference), but importing boto3 takes a tenth of a cold
start, and nothing else here needs it.
"""

from collections.abc import Mapping
from typing import Any


def to_item(values: Mapping[str, Any]) -> Any:
    """Return values as an item. Raise TypeError if one of them is of no kind that the tables hold."""
    return {name: _attribute(value) for name, value in values.items()}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of an item. Raise TypeError if one of them is of no kind that the tables hold."""
    return {name: _value(attribute) for name, attribute in item.items()}


def _attribute(value: Any) -> Any:
    match value:
        case None:
            return {"NULL": True}
        case bool():  # before int, of which it is a kind
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case str():
            return {"S": value}
        case list() | tuple():
            return {"L": [_attribute(part) for part in value]}
        case Mapping():
            return {"M": to_item(value)}
    raise TypeError(f"The tables hold no {type(value).__name__}.")


def _value(attribute: Mapping[str, Any]) -> Any:
    match attribute:
        case {"NULL": _}:
            return None
        case {"BOOL": value} | {"S": value}:
            return value
        case {"N": value}:
            return int(value)
        case {"L": parts}:
            return [_value(part) for part in parts]
        case {"M": item}:
            return from_item(item)
    raise TypeError(f"The tables hold no attribute of type {', '.join(attribute)}.")
