"""The bucket and the queues reject requests that are not encrypted.

The emulator speaks plain HTTP only. It takes a request for encrypted unless `X-Forwarded-Proto` says otherwise.
"""

import json

import boto3
import pytest
from botocore.exceptions import ClientError

from local.emulator import ACCESS_KEY, REGION, SECRET_KEY
from tests.stack.conftest import assume_role


def plainly(client):
    """Make a client, which no other test may use, say that its requests are not encrypted."""
    event = f"before-sign.{client.meta.service_model.service_id.hyphenize()}"
    client.meta.events.register(event, lambda request, **_: request.headers.add_header("X-Forwarded-Proto", "http"))
    return client


def test_the_bucket_rejects_plain_http(rig):
    bucket = rig.outputs["PhotosBucket"]
    caller = assume_role(rig, "lister")  # the emulator's root may do anything
    may_list = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [may_list]})
    rig.client("iam").put_role_policy(RoleName="lister", PolicyName="list", PolicyDocument=document)
    session = boto3.Session(caller.access_key, caller.secret_key, caller.token, REGION)
    tls, plain = (session.client("s3", endpoint_url=rig.emulator.url) for _ in range(2))
    tls.list_objects_v2(Bucket=bucket)
    with pytest.raises(ClientError, match="AccessDenied"):
        plainly(plain).list_objects_v2(Bucket=bucket)


@pytest.mark.parametrize("queue", ["IngestQueue", "IngestDeadLetterQueue", "FailedRunsQueue"])
def test_every_queue_rejects_plain_http(rig, queue):
    """tests/unit/test_guard_rails.py has the queues that exist only with an identity provider."""
    url, root = rig.outputs[queue], boto3.Session(ACCESS_KEY, SECRET_KEY, region_name=REGION)
    tls, plain = (root.client("sqs", endpoint_url=rig.emulator.url) for _ in range(2))
    tls.get_queue_attributes(QueueUrl=url)
    with pytest.raises(ClientError, match="AccessDenied"):
        plainly(plain).get_queue_attributes(QueueUrl=url)
