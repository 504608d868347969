"""What the functions of the stack have logged."""

import json

from local import stack


def lines(rig):
    """Return the lines of all functions, as text."""
    logs = rig.client("logs")
    found = rig.client("cloudformation").describe_stack_resources(StackName=stack.STACK)["StackResources"]
    groups = [item["PhysicalResourceId"] for item in found if item["ResourceType"] == "AWS::Logs::LogGroup"]
    return [
        event["message"].strip()
        for group in groups
        if "/vendedlogs/" not in group
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        for event in page["events"]
    ]


def entries(rig):
    """Return the lines that are JSON, parsed. Lambda writes others, such as START."""
    return [json.loads(line) for line in lines(rig) if line.startswith("{")]


def trail(rig, correlation_id):
    """Return the function and the message of every line with a correlation id. Functions run at once, in no order."""
    shown = [entry for entry in entries(rig) if entry.get("level") != "DEBUG"]
    found = [entry for entry in shown if entry.get("correlation_id") == correlation_id]
    return {(entry["service"], entry["message"]) for entry in found}


def correlation_id(rig, message, user_id):
    """Return the correlation id of the first line with this message about a user."""
    found = [entry for entry in entries(rig) if (entry.get("message"), entry.get("user_id")) == (message, user_id)]
    return found[0]["correlation_id"]


def metrics(rig):
    """Return the names of the metrics among the lines."""
    return {
        metric["Name"]
        for entry in entries(rig)
        for emf in entry.get("_aws", {}).get("CloudWatchMetrics", [])
        for metric in emf["Metrics"]
    }
