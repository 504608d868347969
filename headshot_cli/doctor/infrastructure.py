"""The links in AWS: credentials, stack, functions and queues."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from headshot_cli.doctor.case import Case
from headshot_cli.doctor.link import Broken, permission
from headshot_cli.stack import NO_CREDENTIALS
from headshot_cli.status import messages, queue

_EXPIRED = {"ExpiredToken", "ExpiredTokenException"}

# A stack in one of these was never deployed completely ("Stack status codes", CloudFormation user guide).
_USELESS = {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "UPDATE_ROLLBACK_FAILED"}


def credentials(case: Case) -> str:
    """Ask AWS who the caller is."""
    try:
        caller = case.stack.client("sts").get_caller_identity()["Arn"]
    except NoCredentialsError as error:
        raise Broken(NO_CREDENTIALS) from error
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _EXPIRED:
            raise Broken("Your AWS session has expired. Sign in again, for example with: aws sso login") from error
        raise Broken(f"AWS rejects your credentials ({code}). Check AWS_PROFILE, or run: aws configure") from error
    except BotoCoreError as error:
        text = str(error).rstrip(".")
        raise Broken(f"{text}. Check AWS_PROFILE, AWS_REGION and the network, or run: aws sso login") from error
    return f"You are {caller}, in the region {case.stack.session.region_name}."


def stack(case: Case) -> str:
    """Find the stack."""
    case.stack.output("ApiEndpoint")
    status = case.stack.status
    if status in _USELESS:
        raise Broken(f"The stack is in the state {status}. See its events in the CloudFormation console and deploy.")
    return f'The stack "{case.stack.name}" is in the state {status}.'


def functions(case: Case) -> str:
    """Find functions that must not run, and event source mappings that are disabled."""
    client, resources = case.stack.client("lambda"), list(_resources(case))
    for name, function in _of(resources, "AWS::Lambda::Function"):
        with permission("lambda:GetFunctionConcurrency"):
            limit = client.get_function_concurrency(FunctionName=function).get("ReservedConcurrentExecutions")
        if limit == 0:
            raise Broken(
                f"{name} cannot run, because its reserved concurrency is 0. Run:"
                f" aws lambda delete-function-concurrency --function-name {function}"
            )
    for name, mapping in _of(resources, "AWS::Lambda::EventSourceMapping"):
        with permission("lambda:GetEventSourceMapping"):
            state = client.get_event_source_mapping(UUID=mapping)["State"]
        if state in {"Disabled", "Disabling"}:
            raise Broken(
                f"{name} is disabled, so its function gets no messages. Run:"
                f" aws lambda update-event-source-mapping --enabled --uuid {mapping}"
            )
    return "All functions may run, and nothing is disabled."


def queues(case: Case) -> str:
    """Count the dead letters and the failed runs."""
    with permission("sqs:GetQueueAttributes"):
        files = queue(case.stack, "IngestQueue", "IngestDeadLetterQueue").failed
        photos = queue(case.stack, "PublishQueue", "PublishDeadLetterQueue").failed if _publishes(case) else 0
        runs = messages(case.stack, "FailedRunsQueue")
    if files or photos:
        raise Broken(
            f"The dead-letter queues are not empty (photos: {photos}, files: {files}). See the reasons with"
            " headshot list --unpublished and in the log group IngestLogs, fix the cause, then run: headshot retry"
        )
    if runs:
        raise Broken(
            f"Runs or changes have failed for good (FailedRunsQueue: {runs}). docs/operations.md#failedrunsqueue says"
            " how to read the messages and what makes up for each."
        )
    return "There are no dead letters and no failed runs."


def _publishes(case: Case) -> bool:
    return case.stack.has("PublishQueue")


def _resources(case: Case) -> Iterator[dict[str, Any]]:
    pages = case.stack.client("cloudformation").get_paginator("list_stack_resources")
    with permission("cloudformation:ListStackResources"):
        for page in pages.paginate(StackName=case.stack.name):
            yield from page["StackResourceSummaries"]


def _of(resources: list[dict[str, Any]], kind: str) -> list[tuple[str, str]]:
    """Return logical and physical ids of the resources of a type."""
    of_kind = [resource for resource in resources if resource["ResourceType"] == kind]
    return [(resource["LogicalResourceId"], resource["PhysicalResourceId"]) for resource in of_kind]
