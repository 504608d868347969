"""What the functions count in CloudWatch, by lines in their logs (the embedded metric format)."""

import os
from threading import Lock

from aws_lambda_powertools import single_metric
from aws_lambda_powertools.metrics import MetricUnit

_NAMESPACE = "Headshot"

# A line is written in pieces.
_LOCK = Lock()


def count(name: str) -> None:
    """Count one `name` for this stack."""
    dimensions = {"Stack": os.environ["STACK_NAME"]}
    with _LOCK, single_metric(name, MetricUnit.Count, 1, namespace=_NAMESPACE, default_dimensions=dimensions):
        pass
