"""Why alarms would reach nobody: what keeps CloudWatch from publishing to their SNS topic."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from headshot_cli.stack import Stack

_PUBLISH = {"sns:publish", "sns:*", "*"}


def obstacles(stack: Stack, alarms: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return a sentence for each reason why alarms, as CloudWatch describes them, would reach nobody.

    Alarms without a topic are fine: the stack was deployed without AlarmTopicArn. Topics of other accounts are not
    checked, since only those accounts may read their settings.
    """
    found = []
    owners: dict[str, list[str]] = {}
    for alarm in alarms:
        if alarm["AlarmActions"] and not alarm["ActionsEnabled"]:
            found.append(
                f"{alarm['AlarmName']} has its actions disabled. Enable them:"
                f" aws cloudwatch enable-alarm-actions --alarm-names {alarm['AlarmName']}"
            )
        owners |= dict.fromkeys(alarm["AlarmActions"], alarm["AlarmArn"].split(":")[3:5])
    for topic, (region, account) in owners.items():
        found += [f"{topic} {obstacle}" for obstacle in _obstacles(stack, topic, region, account)]
    return found


def _obstacles(stack: Stack, topic: str, region: str, account: str) -> Iterator[str]:
    """Yield what keeps a region's and account's alarms from a topic ("Amazon CloudWatch alarms", AWS re:Post)."""
    if topic.split(":")[3] != region:
        yield f"is in another region. Create a topic in {region}, and deploy with its ARN as AlarmTopicArn."
        return
    if topic.split(":")[4] != account:
        return
    sns = stack.client("sns")
    try:
        attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"NotFound", "NotFoundException"}:
            raise
        yield "does not exist. Create it, or deploy with another AlarmTopicArn."
        return
    if attributes.get("KmsMasterKeyId", "").endswith("alias/aws/sns"):
        yield (
            "is encrypted with alias/aws/sns, a key that CloudWatch cannot use. Use a key of your own whose policy"
            " allows cloudwatch.amazonaws.com kms:Decrypt and kms:GenerateDataKey*, or no encryption."
        )
    if not any(map(_lets_cloudwatch_publish, json.loads(attributes["Policy"])["Statement"])):
        yield "has a policy that does not let CloudWatch publish. Allow cloudwatch.amazonaws.com sns:Publish in it."


def _lets_cloudwatch_publish(statement: Mapping[str, Any]) -> bool:
    """Return whether a statement allows it, conditions aside. The policy of a new topic allows "AWS": "*"."""
    principal = statement.get("Principal", {})
    who = [principal] if isinstance(principal, str) else [name for names in principal.values() for name in _list(names)]
    what = {action.lower() for action in _list(statement.get("Action", []))}
    return statement["Effect"] == "Allow" and bool({"*", "cloudwatch.amazonaws.com"} & {*who} and _PUBLISH & what)


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
