"""How the stores talk to AWS: how long they wait, and what they say when it fails."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from headshot.problems import StoreUnavailable

# Two tries of at most 3 s each stay below the 10 s that the quickest function has. S3 and DynamoDB answer in
# milliseconds from within their region, so whatever takes longer is down.
CLIENT_CONFIG = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})


# What boto3 raises. botocore lets urllib3's errors through when the body of an error answer to a streaming operation
# breaks off (botocore/endpoint.py), and its parser's own when a body is not what AWS speaks.
_FAILURES = (BotoCoreError, ClientError, HTTPError, ResponseParserError)


@contextmanager
def store_errors(service: str = "The photo store") -> Iterator[None]:
    """Raise StoreUnavailable, which names the service, for whatever boto3 raises within."""
    try:
        yield
    except _FAILURES as error:
        raise StoreUnavailable(service) from error


def error_code(error: ClientError) -> str:
    """Give the code of the service's answer, such as "NoSuchKey", or the status where HEAD left no room for one."""
    return error.response["Error"]["Code"]
