"""How the stores talk to AWS: how long they wait, and what they say when it fails."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from headshot.problems import StoreUnavailable

# Two tries of at most 3 s each stay below the 10 s that the quickest function has. S3 and DynamoDB answer in
# milliseconds from within their region, so whatever takes longer is down.
CLIENT_CONFIG = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})


@contextmanager
def store_errors() -> Iterator[None]:
    """Turn whatever boto3 raises within into StoreUnavailable."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise StoreUnavailable from error


def error_code(error: ClientError) -> str:
    """Give the code of the service's answer, such as "NoSuchKey", or the status where HEAD left no room for one."""
    return error.response["Error"]["Code"]
