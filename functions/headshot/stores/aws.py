"""What the stores share: timeouts, retries, and how failures of AWS are reported."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from headshot.problems import StoreMissing, StoreUnavailable

# S3 and DynamoDB answer in milliseconds within their region, so a call of seconds has failed. Two attempts of at most
# 3 s each fit into the shortest timeout of a function, 10 s.
CLIENT_CONFIG = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})

# The error code of a DynamoDB write whose condition is false.
CONDITION_FAILED = "ConditionalCheckFailedException"

# The error codes of a bucket and of a table that no longer exist.
_MISSING = {"NoSuchBucket": "bucket", "ResourceNotFoundException": "table"}

_PHOTO_STORE = "The photo store"  # S3 and DynamoDB

# What boto3 raises. urllib3's errors reach us if the body of an error response breaks off in a streaming operation
# (botocore/endpoint.py), the parser's if a body is neither XML nor JSON, such as a proxy's page.
_FAILURES = (BotoCoreError, ClientError, HTTPError, ResponseParserError)


@contextmanager
def store_errors(service: str = _PHOTO_STORE) -> Iterator[None]:
    """Raise StoreUnavailable, with the service's name, in place of any error of boto3.

    It is StoreMissing if the bucket or the table does not exist.
    """
    try:
        yield
    except _FAILURES as error:
        if service == _PHOTO_STORE and isinstance(error, ClientError) and error_code(error) in _MISSING:
            raise StoreMissing(_MISSING[error_code(error)]) from error
        raise StoreUnavailable(service) from error


def error_code(error: ClientError) -> str:
    """Return the error code of a response, such as "NoSuchKey". For HEAD, which has no body, it is the status."""
    return error.response["Error"]["Code"]


def none_if(codes: Collection[str], operation: Any, **parameters: Any) -> Any:
    """Call an operation of boto3 and return its response, or None if it fails with one of the error codes.

    Raises
    ------
    StoreUnavailable
        If it fails otherwise.
    """
    with store_errors():
        try:
            return operation(**parameters)
        except ClientError as error:
            if error_code(error) in codes:
                return None
            raise
