"""The deployed stack, found by its name with whatever AWS credentials the caller has."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError


class StackError(Exception):
    """The stack cannot do what is asked for, in one line for a person."""


class NoAnswerError(StackError):
    """A server does not answer at all, or by a failure of its own that may pass."""


@dataclass(frozen=True)
class Stack:
    """A stack in the account and region of the caller's AWS settings."""

    name: str

    @cached_property
    def _outputs(self) -> dict[str, str]:
        try:
            [stack] = self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"]
        except (BotoCoreError, ClientError) as error:
            raise StackError(f'The stack "{self.name}" cannot be read: {error}') from error
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def has(self, name: str) -> bool:
        """Whether the stack has an output. Raises StackError if the stack cannot be read."""
        return name in self._outputs

    def output(self, name: str) -> str:
        """Give an output of the stack.

        Raises
        ------
        StackError
            If the stack cannot be read or has no such output: not Headshot's, or one without an identity provider.
        """
        if not self.has("ApiEndpoint"):
            raise StackError(f'The stack "{self.name}" is not Headshot\'s. Name the right one by --stack.')
        if not self.has(name):
            raise StackError(f'The stack "{self.name}" has no identity provider. Deploy it with IdentityProvider set.')
        return self._outputs[name]

    def resources(self, kind: str) -> list[str]:
        """Give the physical ids of the stack's resources of a type."""
        pages = self.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=self.name)
        found = (resource for page in pages for resource in page["StackResourceSummaries"])
        return [resource["PhysicalResourceId"] for resource in found if resource["ResourceType"] == kind]

    def client(self, service: str) -> Any:
        """Give a boto3 client that waits for as long as a function may run."""
        session: Any = boto3  # whose stubs know services by literal names only
        return session.client(service, config=Config(read_timeout=900, retries={"total_max_attempts": 2}))
