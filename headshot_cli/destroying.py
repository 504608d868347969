"""Deletes a stack, and what deleting the stack alone would keep: the bucket, the table of records, the three policies.

The stack goes last. As long as it exists, it names what belongs to it, so a repeated run finds what is left.
"""

import csv
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError, WaiterError

from headshot_cli.exporting import TABLE
from headshot_cli.stack import Stack, StackError

_POLICIES = ("UploadPolicyArn", "ReadPolicyArn", "AdministerPolicyArn")

# What IAM calls those who hold a policy, and what the command to detach it calls them.
_HOLDERS = {"Role": "role", "User": "user", "Group": "group"}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be deleted.

    Attributes
    ----------
    photos
        The keys of everyone's current photo, by user id. After an upload that failed, a user may have two.
    versions
        How many S3 versions and delete markers the bucket holds.
    detach
        The commands that detach the policies from those who hold them. IAM deletes no policy that somebody holds.
    """

    bucket: str
    table: str
    policies: list[str]
    photos: dict[str, set[str]]
    versions: int
    detach: list[str]

    def missing(self, folder: Path) -> list[str]:
        """Return the ids of users whose current photo was not exported to `folder` (`exporting.export_all`)."""
        exported = set()
        with suppress(FileNotFoundError), (folder / TABLE).open(newline="", encoding="utf-8-sig") as file:
            exported = {f"photos/{row['user_id']}/{row['version']}.jpg" for row in csv.DictReader(file)}
        return [user_id for user_id, keys in self.photos.items() if not keys & exported]


def plan(stack: Stack) -> Plan:
    """Return what is to be deleted, and delete nothing.

    Raises
    ------
    StackError
        If the stack cannot be read, is not Headshot's, or is protected against deletion.
    """
    bucket, table = stack.output("PhotosBucket"), stack.output("RecordsTable")
    if stack.is_protected:
        raise StackError(
            f'The stack "{stack.name}" is protected. Switch that off first: aws cloudformation'
            f" update-termination-protection --no-enable-termination-protection --stack-name {stack.name}"
        )
    policies = [stack.output(name) for name in _POLICIES]
    photos: dict[str, set[str]] = {}
    versions = 0
    with suppress(stack.client("s3").exceptions.NoSuchBucket):
        for page in _versions(stack, bucket):
            versions += len(page)
            for key in (
                item["Key"] for item in page if item["IsLatest"] and "ETag" in item
            ):  # delete markers have none
                if key.startswith("photos/"):
                    photos.setdefault(key.split("/")[1], set()).add(key)
    return Plan(bucket, table, policies, photos, versions, [line for arn in policies for line in _detach(stack, arn)])


def destroy(stack: Stack, found: Plan, tell: Callable[[str], None]) -> None:
    """Delete everything. What is gone already is skipped, so a repeated call resumes. `tell` is called after each step.

    Raises
    ------
    StackError
        If files arrive in the bucket meanwhile, or CloudFormation fails to delete the stack.
    """
    _delete_table(stack.client("dynamodb"), found.table)
    tell(f"Deleted the table {found.table}.")
    _delete_bucket(stack, found.bucket)
    tell(f"Deleted the bucket {found.bucket}.")
    for arn in found.policies:
        _delete_policy(stack.client("iam"), arn)
    tell("Deleted the policies.")
    _delete_stack(stack)
    tell(f"Deleted the stack {stack.name}.")


def _versions(stack: Stack, bucket: str) -> Iterator[list[dict[str, Any]]]:
    """Yield the S3 versions and delete markers of a bucket, a page at a time."""
    for page in stack.client("s3").get_paginator("list_object_versions").paginate(Bucket=bucket):
        yield page.get("Versions", []) + page.get("DeleteMarkers", [])


def _detach(stack: Stack, arn: str) -> Iterator[str]:
    """Yield the commands that detach a policy from its holders."""
    iam = stack.client("iam")
    with suppress(iam.exceptions.NoSuchEntityException):
        for page in iam.get_paginator("list_entities_for_policy").paginate(PolicyArn=arn):
            for kind, name in _HOLDERS.items():
                for holder in page[f"Policy{kind}s"]:
                    yield f"aws iam detach-{name}-policy --{name}-name {holder[f'{kind}Name']} --policy-arn {arn}"


def _delete_table(dynamodb: Any, name: str) -> None:
    with suppress(dynamodb.exceptions.ResourceNotFoundException):
        table = dynamodb.describe_table(TableName=name)["Table"]
        if table.get("DeletionProtectionEnabled"):
            dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
            dynamodb.get_waiter("table_exists").wait(TableName=name)  # a table that is updated cannot be deleted
        if table["TableStatus"] != "DELETING":
            dynamodb.delete_table(TableName=name)


def _delete_bucket(stack: Stack, bucket: str) -> None:
    s3 = stack.client("s3")
    with suppress(s3.exceptions.NoSuchBucket):
        for page in _versions(stack, bucket):
            if page:
                objects = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in page]
                answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
                for error in answer.get("Errors", []):
                    raise StackError(f"S3 cannot delete {error['Key']}: {error['Code']}.")
        try:
            s3.delete_bucket(Bucket=bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] == "BucketNotEmpty":
                text = "Files arrived in the bucket meanwhile. Stop what sends photos, then run the same command again."
                raise StackError(text) from error
            raise


def _delete_policy(iam: Any, arn: str) -> None:
    with suppress(iam.exceptions.NoSuchEntityException):
        for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:  # five at most
            if not version["IsDefaultVersion"]:
                iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
        iam.delete_policy(PolicyArn=arn)


def _delete_stack(stack: Stack) -> None:
    cloudformation = stack.client("cloudformation")
    cloudformation.delete_stack(StackName=stack.name)
    try:
        cloudformation.get_waiter("stack_delete_complete").wait(
            StackName=stack.name,
            WaiterConfig={"Delay": 5, "MaxAttempts": 720},  # an hour; it takes minutes
        )
    except WaiterError as error:
        raise StackError(
            "CloudFormation has not deleted the stack. Its events say why: aws cloudformation describe-stack-events"
            f" --stack-name {stack.name}. Fix the cause, then run the same command again."
        ) from error
