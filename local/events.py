"""Writes events/: for every route, stream and queue the event that would start its function.

`python -m local.events` makes them from template.yaml, so that `sam local invoke --event` has one for each.
"""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from samcli.yamlhelper import yaml_parse

from headshot import imaging
from headshot.stores import dropbox
from local import portrait
from local.stack import PROJECT

USER_ID = "ada@example.com"
IMAGE = portrait.jpeg("Ada Lovelace", (300, 400))

# What streams and queues hand over ("Using AWS Lambda with Amazon DynamoDB", "Using Lambda with Amazon SQS", Lambda
# developer guide).
RECORDS: dict[str, dict[str, Any]] = {
    "RelayFunction": {
        "eventID": "1",
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "Keys": {"user_id": {"S": USER_ID}},
            "NewImage": {"user_id": {"S": USER_ID}, "pending": {"BOOL": True}},
            "SequenceNumber": "1",
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    },
    "PublishFunction": {
        "messageId": "00000000-0000-0000-0000-000000000000",
        "receiptHandle": "none",
        "body": json.dumps({"user_id": USER_ID}),
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1793448000000"},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
    },
}
# The body is an event of S3's ("EventBridge event message structure", S3 user guide), as far as it is read.
FILE = {"source": "aws.s3", "detail-type": "Object Created", "detail": {"object": {"key": f"dropbox/{USER_ID}.jpg"}}}
RECORDS["IngestFunction"] = RECORDS["PublishFunction"] | {"body": json.dumps(FILE)}


def events() -> Iterator[tuple[str, dict[str, Any]]]:
    """Give name and event of everything in template.yaml that starts a function, and one to start reconcile by hand."""
    resources = yaml_parse((PROJECT / "template.yaml").read_text())["Resources"]
    functions = {name: item for name, item in resources.items() if item["Type"] == "AWS::Serverless::Function"}
    for function, resource in functions.items():
        for name, event in resource["Properties"].get("Events", {}).items():
            properties = event["Properties"]
            file = "-".join(re.findall("[A-Z][a-z]+", function.removesuffix("Function") + name)).lower()
            if event["Type"] == "HttpApi":
                yield file, _request(properties.get("Method", "PATCH"), properties.get("Path"))
            elif event["Type"] == "Schedule":
                yield file, json.loads(properties["Input"])
            else:
                yield file, {"Records": [RECORDS[function]]}
    yield "reconcile", {"seconds": 20}


def _request(method: str, route: str | None) -> dict[str, Any]:
    """Give an event of payload format 2.0 ("Lambda integration payload format 2.0", API Gateway developer guide)."""
    version = imaging.normalise(IMAGE).version
    file = f"{version}.jpg" if route and "{user_id}" in route else f"{USER_ID}.jpg"
    values = {"user_id": USER_ID, "file": file, "upload_id": dropbox.split(f"{USER_ID}.jpg")[1]}
    parameters = {name: values[name] for name in re.findall(r"{(\w+)}", route or "")}
    path = re.sub(r"{(\w+)}", lambda name: parameters[name[1]], route or f"/photos/{USER_ID}.jpg")
    key = f"{method} {route}" if route else "$default"
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": key,
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "api.example.com", "user-agent": "Headshot events"},
        "requestContext": {
            "apiId": "api",
            "domainName": "api.example.com",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"},
            "requestId": "00000000-0000-0000-0000-000000000000",
            "routeKey": key,
            "stage": "$default",
        },
        "pathParameters": parameters,
        "isBase64Encoded": False,
    }
    if path.startswith(("/users", "/uploads")):
        caller = {"accountId": "123456789012", "userArn": "arn:aws:iam::123456789012:user/admin"}
        event["requestContext"]["authorizer"] = {"iam": caller}
    if method == "PUT":
        event["headers"]["content-type"] = "application/json"
        event["body"] = json.dumps({"image": base64.b64encode(IMAGE).decode()})
    return event


def main(folder: Path) -> None:
    """Write one file an event into `folder`."""
    for name, event in events():
        (folder / f"{name}.json").write_text(json.dumps(event, indent=2) + "\n")


if __name__ == "__main__":
    main(PROJECT / "events")
