"""The event source mappings through which Lambda reads the queues and the records' stream for functions."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from headshot.stores.aws import client, store_errors

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

# States in which Lambda does not read ("Lambda API reference", GetEventSourceMapping). Others last for seconds.
_STOPPED = ("Disabling", "Disabled")


@dataclass(frozen=True, slots=True)
class StoppedConsumer:
    """A function that receives nothing, and the reason that Lambda gives."""

    function: str
    reason: str


class Consumers:
    """Looks up event source mappings. Every method raises StoreUnavailable if Lambda fails."""

    def __init__(self, client: "LambdaClient", mappings: Iterable[str]) -> None:
        self._lambda = client
        self._mappings = tuple(mappings)

    @classmethod
    def from_environment(cls) -> Self:
        """Look up the mappings that the template names."""
        return cls(client("lambda"), os.environ["CONSUMERS"].split(","))

    def stopped(self) -> list[StoppedConsumer]:
        """Return the consumers that somebody, or Lambda itself, has disabled."""
        with store_errors("Lambda"):
            found = [self._lambda.get_event_source_mapping(UUID=mapping) for mapping in self._mappings]
        return [
            StoppedConsumer(mapping["FunctionArn"].rpartition(":")[2], mapping.get("StateTransitionReason", ""))
            for mapping in found
            if mapping["State"] in _STOPPED
        ]
