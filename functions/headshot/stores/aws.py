"""What the stores share: clients, timeouts, retries, and how failures of AWS are reported."""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache, cached_property
from threading import Lock
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from botocore.session import Session
from urllib3.exceptions import HTTPError

from headshot.problems import StoreMissing, StoreUnavailable
from headshot.stores.stored import GONE

# S3 and DynamoDB answer in milliseconds within their region, so a call of seconds has failed. Two attempts of at most
# 3 s each fit into the shortest timeout of a function, 10 s.
CLIENT_CONFIG = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})

# CloudFront's API is in us-east-1, whatever the stack's region, and takes a second or so.
_FARTHER = Config(connect_timeout=2, read_timeout=5)

# The error code of a DynamoDB write whose condition is false.
CONDITION_FAILED = "ConditionalCheckFailedException"

_PHOTO_STORE = "The photo store"  # S3 and DynamoDB

# What boto3 raises. urllib3's errors reach us if the body of an error response breaks off in a streaming operation
# (botocore/endpoint.py), the parser's if a body is neither XML nor JSON, such as a proxy's page.
_FAILURES = (BotoCoreError, ClientError, HTTPError, ResponseParserError)


# A session must not make two clients at once ("Multithreading", boto3 guide), and a client is made once. Reconcile and
# uploads have several threads.
_LOCK = Lock()


@cache
def client(service: str) -> Any:
    """Return the client of a service, which all stores of this process share.

    It is made when it is first used: reading a service's model takes a twentieth of a cold start, and few requests call
    every service. It is botocore's, which has the same operations as boto3's, and imports less.
    """
    return _Client(service)


class _Client:
    def __init__(self, service: str) -> None:
        self._service = service

    @cached_property
    def _made(self) -> Any:
        config = {"s3": _s3_config(), "cloudfront": _FARTHER}.get(self._service, Config())
        return _session().create_client(self._service, config=CLIENT_CONFIG.merge(config))

    def __getattr__(self, operation: str) -> Any:
        with _LOCK:
            made = self._made
        return getattr(made, operation)


@cache
def _session() -> Session:
    """Return the session, which reads each service's model once."""
    return Session()


def _s3_config() -> Config:
    """Return what S3 needs besides.

    Forms are signed for the region's own address: the global one redirects a POST to a new bucket. Emulators have no
    host names for buckets.
    """
    style: Any = {"addressing_style": "path" if os.environ.get("AWS_ENDPOINT_URL") else "virtual"}
    return Config(signature_version="s3v4", s3=style)


@contextmanager
def store_errors(service: str = _PHOTO_STORE) -> Iterator[None]:
    """Raise StoreUnavailable, with the service's name, in place of any error of boto3.

    It is StoreMissing if the bucket or the table does not exist.
    """
    try:
        yield
    except _FAILURES as error:
        if service == _PHOTO_STORE and isinstance(error, ClientError) and error_code(error) in GONE:
            raise StoreMissing(GONE[error_code(error)]) from error
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
