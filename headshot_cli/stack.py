"""The deployed stack, found by its name with the caller's AWS credentials."""

import os
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

NO_CREDENTIALS = "There are no AWS credentials. Set them up with: aws configure"


class StackError(Exception):
    """The command cannot do what was asked; the text says why and what to do, in one line."""


class NoAnswerError(StackError):
    """A server does not answer, or answers with a transient error of its own."""


@dataclass(frozen=True)
class Stack:
    """A stack in the account and region of the caller's AWS settings."""

    name: str

    @cached_property
    def _description(self) -> dict[str, Any]:
        client = self.client("cloudformation")
        try:
            [stack] = client.describe_stacks(StackName=self.name)["Stacks"]
        except NoCredentialsError as error:
            raise StackError(NO_CREDENTIALS) from error
        except (BotoCoreError, ClientError, ValueError) as error:
            if "does not exist" in str(error):
                raise StackError(f'The stack "{self.name}" does not exist in {self._place()}.') from error
            raise StackError(f'The stack "{self.name}" cannot be read: {error}') from error
        return dict(stack)

    @cached_property
    def _outputs(self) -> dict[str, str]:
        return {output["OutputKey"]: output["OutputValue"] for output in self._description.get("Outputs", [])}

    @property
    def status(self) -> str:
        """CloudFormation's status of the stack, such as UPDATE_COMPLETE. Raise StackError if it cannot be read."""
        return str(self._description["StackStatus"])

    @property
    def is_protected(self) -> bool:
        """Whether CloudFormation refuses to delete the stack. Raise StackError if it cannot be read."""
        return bool(self._description.get("EnableTerminationProtection"))

    def parameter(self, name: str) -> str:
        """Return a parameter of the stack, empty if it has none. Raise StackError if the stack cannot be read."""
        parameters = self._description.get("Parameters", [])
        return next((item["ParameterValue"] for item in parameters if item["ParameterKey"] == name), "")

    def has(self, name: str) -> bool:
        """Return whether the stack has an output. Raise StackError if the stack cannot be read."""
        return name in self._outputs

    def output(self, name: str) -> str:
        """Return an output of the stack.

        Raises
        ------
        StackError
            If the stack cannot be read, is not Headshot's, or has no such output because it has no identity provider.
        """
        if not self.has("ApiEndpoint"):
            raise StackError(f'The stack "{self.name}" is not a Headshot stack. Set the right name with --stack.')
        if not self.has(name):
            raise StackError(f'The stack "{self.name}" has no identity provider. Deploy it with IdentityProvider set.')
        return self._outputs[name]

    def resources(self, kind: str) -> list[str]:
        """Return the physical ids of the stack's resources of a type."""
        pages = self.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=self.name)
        found = (resource for page in pages for resource in page["StackResourceSummaries"])
        return [resource["PhysicalResourceId"] for resource in found if resource["ResourceType"] == kind]

    def client(self, service: str) -> Any:
        """Return a boto3 client that waits as long as a function may run.

        Raises
        ------
        StackError
            If the caller's AWS settings have no region, or an invalid address.
        """
        if not self.session.region_name:
            raise StackError("No AWS region is set. Set AWS_REGION or AWS_DEFAULT_REGION, or run: aws configure")
        try:
            return self.session.client(service, config=Config(read_timeout=900, retries={"total_max_attempts": 2}))
        except ValueError as error:
            raise StackError(f"{error}. Check AWS_ENDPOINT_URL; it is only for a stack that is not on AWS.") from error

    @cached_property
    def session(self) -> Any:
        """The caller's AWS settings. AWS_REGION takes precedence, as in the AWS CLI; boto3 does not read it."""
        return boto3.Session(region_name=os.environ.get("AWS_REGION") or None)  # Any: its stubs know literal names only

    def _place(self) -> str:
        """Return where the stack was looked for, and how to look elsewhere."""
        account = "this account"
        with suppress(BotoCoreError, ClientError):
            account = f"account {self.client('sts').get_caller_identity()['Account']}"
        profile = f" (profile {self.session.profile_name})" if os.environ.get("AWS_PROFILE") else ""
        return (
            f"{account}, region {self.session.region_name}{profile}. Set another stack with --stack, another account"
            " with AWS_PROFILE, or another region with AWS_REGION"
        )
