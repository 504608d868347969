"""boto3 clients with responses that no emulator gives."""

from contextlib import contextmanager

import boto3
from botocore.stub import Stubber


def client(service):
    return boto3.client(service, region_name="eu-central-1", aws_access_key_id="-", aws_secret_access_key="-")


@contextmanager
def stubbed(service, make):
    """Yield a stub, and the store that `make` makes of the stubbed client."""
    made = client(service)
    with Stubber(made) as stub:
        yield stub, make(made)
        stub.assert_no_pending_responses()


def copied(key, source):
    """The parameters of a copy without tags: copying tags requires s3:PutObjectTagging."""
    return {"Bucket": "bucket", "Key": key, "CopySource": source, "TaggingDirective": "REPLACE"}
