"""The edge cache, in CloudFront: photos are immutable for a year there, so an erasure must remove them."""

import os
import re
from typing import Any, Self
from uuid import uuid4

from headshot.stores.aws import client, store_errors

# Characters that every client writes alike in a path: RFC 3986 §2.3 without the tilde, which RFC 1738 encodes.
_PLAIN = re.compile(r"[A-Za-z0-9._-]+")


class Edge:
    """Removes photos from CloudFront's caches."""

    def __init__(self, parameter: str, ssm: Any, cloudfront: Any) -> None:
        self._parameter = parameter
        self._ssm = ssm
        self._cloudfront = cloudfront

    @classmethod
    def from_environment(cls) -> Self | None:
        """Return the edge whose distribution's id is in the parameter that the template names, None without one."""
        parameter = os.environ["EDGE_PARAMETER"]
        return cls(parameter, client("ssm"), client("cloudfront")) if parameter else None

    def invalidate(self, user_id: str) -> None:
        """Start to remove every photo of a user, which takes CloudFront about a minute.

        Raises
        ------
        StoreUnavailable
            If CloudFront or Parameter Store fails, or too many invalidations are in progress.
        """
        with store_errors("The edge cache"):
            found = self._ssm.get_parameter(Name=self._parameter)
            self._cloudfront.create_invalidation(
                DistributionId=found["Parameter"]["Value"],
                InvalidationBatch={
                    "Paths": {"Quantity": 1, "Items": [path_of(user_id)]},
                    "CallerReference": str(uuid4()),  # a known one repeats an earlier invalidation
                },
            )


def path_of(user_id: str) -> str:
    """Return one path, with a wildcard, that matches all URLs of a user's photos.

    CloudFront compares paths as they were requested, and clients may encode `@` or `+` or not. So the path ends before
    the first such character. It also matches users whose ids begin alike; their photos are read once more.
    """
    plain = _PLAIN.match(user_id)
    return f"/photos/{plain[0] if plain else ''}*"
