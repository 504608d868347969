"""How a function continues after its timeout: Lambda starts it again with another event."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from headshot.stores.aws import client, store_errors

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class Continuation:
    """Starts functions. Every method raises StoreUnavailable if Lambda fails."""

    def __init__(self, client: "LambdaClient") -> None:
        self._lambda = client

    @classmethod
    def from_environment(cls) -> Self:
        """Use Lambda in this account and region."""
        return cls(client("lambda"))

    def start(self, function: str, event: Mapping[str, Any]) -> None:
        """Start a function, by name or ARN, without waiting for it."""
        with store_errors("Lambda"):
            self._lambda.invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps(event))
