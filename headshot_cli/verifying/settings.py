"""Checks of the settings of AWS services."""

from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from headshot_cli.verifying.probe import Failed, NotTried, Probe

# Prefixes whose objects expire (template.yaml, PhotosBucket).
EXPIRING = {"superseded/", "rejected/", "dropbox/"}


def plain_http(probe: Probe) -> str:
    """Request an object from S3 over plain HTTP, signed."""
    secure = probe.stack.client("s3").meta.endpoint_url
    if not secure.startswith("https://"):
        raise NotTried("This endpoint offers plain HTTP only, which the local stack takes for TLS.")
    key = f"photos/{probe.photo['user_id']}/{probe.photo['version']}.jpg"
    session: Any = boto3  # its stubs know services by literal names only
    config = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2})
    plain = session.client("s3", endpoint_url=secure.replace("https://", "http://", 1), config=config)
    try:
        plain.get_object(Bucket=probe.stack.output("PhotosBucket"), Key=key)
    except BotoCoreError as error:
        raise NotTried(f"Port 80 cannot be reached from here: {error}") from error
    except ClientError as error:
        return _denied_by_the_bucket(error)
    raise Failed("The bucket answers over plain HTTP.")


def _denied_by_the_bucket(error: ClientError) -> str:
    if error.response["Error"]["Code"] != "AccessDenied":
        raise Failed(f"The bucket answers over plain HTTP: {error}") from error
    if "explicit deny" not in str(error):
        raise NotTried(f"Only a caller with s3:GetObject sees whether the bucket itself denies: {error}") from error
    return str(error)


def lifecycle(probe: Probe) -> str:
    """Read which prefixes of the bucket expire."""
    client, bucket = probe.stack.client("s3"), probe.stack.output("PhotosBucket")
    try:
        rules = client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchLifecycleConfiguration":
            raise
        rules = []
    on = [rule for rule in rules if rule["Status"] == "Enabled" and "Days" in rule.get("Expiration", {})]
    days = {rule.get("Prefix") or rule.get("Filter", {}).get("Prefix"): rule["Expiration"]["Days"] for rule in on}
    if missing := EXPIRING - days.keys():
        raise Failed(f"Nothing expires under {', '.join(sorted(missing))}.")
    return ", ".join(f"{prefix} after {days[prefix]} days" for prefix in sorted(EXPIRING)) + "."


def recovery(probe: Probe) -> str:
    """Read whether the table can be restored to any point in time."""
    found = probe.stack.client("dynamodb").describe_continuous_backups(TableName=probe.stack.output("RecordsTable"))
    status = found["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    if status != "ENABLED":
        raise Failed(f"Point-in-time recovery is {status}.")
    return "Point-in-time recovery is ENABLED."


def event_bridge(probe: Probe) -> str:
    """Read whether the bucket sends its events to EventBridge."""
    client, bucket = probe.stack.client("s3"), probe.stack.output("PhotosBucket")
    if "EventBridgeConfiguration" not in client.get_bucket_notification_configuration(Bucket=bucket):
        raise Failed("The bucket sends no events to EventBridge.")
    return "The bucket sends its events to EventBridge."


def concurrency(probe: Probe) -> str:
    """Compare the account's concurrent executions with those that the queues may use."""
    client = probe.stack.client("lambda")
    free = client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    ours = probe.stack.resources("AWS::Lambda::EventSourceMapping")
    pages = client.get_paginator("list_event_source_mappings").paginate()
    mappings = [mapping for page in pages for mapping in page["EventSourceMappings"] if mapping["UUID"] in ours]
    queues = sum(mapping.get("ScalingConfig", {}).get("MaximumConcurrency", 0) for mapping in mappings)
    if free <= queues:
        raise Failed(
            f"The account may run {free} functions at once, and queues alone may start {queues}: reads would wait."
            " Request more of Lambda's concurrent executions from Service Quotas."
        )
    return f"The account may run {free} functions at once; queues may start {queues} of them."
