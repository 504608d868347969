"""Requests a photo every five minutes as Atlassian does: by the public name, over TLS, through a CDN if there is one.

The photo is the neutral one, which exists in every stack. A run that does not get it fails. Lambda counts that as an
error of the function, so the alarm needs no metric of its own.
"""

from typing import Any

import urllib3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from headshot import urls

logger = Logger(service="canary")
http = urllib3.PoolManager()

# Seconds for the connection and for the response. A cold start of serve takes one or two.
TIMEOUT = urllib3.Timeout(connect=3, read=7)


class PhotoUnavailableError(Exception):
    """A photo cannot be fetched. The message has the URL and what came instead."""


@logger.inject_lambda_context
def handler(_event: dict[str, Any], _context: LambdaContext) -> None:
    """Send HEAD for the neutral photo, and raise unless Atlassian would accept the response.

    Raises
    ------
    PhotoUnavailableError
        If the response is not a 200 with a JPEG, or a redirect.
    urllib3.exceptions.HTTPError
        If there is no response: DNS, TLS or the connection failed.
    """
    url = f"{urls.base_url()}/photos/{urls.DEFAULT_USER}.jpg"
    response = http.request("HEAD", url, redirect=False, retries=False, timeout=TIMEOUT)
    content_type = response.headers.get("Content-Type")
    if (response.status, content_type) != (200, "image/jpeg"):
        message = f"HEAD {url} returned {response.status} and {content_type}, expected 200 and image/jpeg"
        raise PhotoUnavailableError(message)
    logger.info("photo available", url=url)
