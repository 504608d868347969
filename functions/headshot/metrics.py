"""Counts events as CloudWatch metrics, through log lines in the embedded metric format."""

import os
from threading import Lock

from aws_lambda_powertools import single_metric
from aws_lambda_powertools.metrics import MetricUnit

_NAMESPACE = "Headshot"

# Powertools writes a line in pieces, and threads must not mix theirs.
_LOCK = Lock()


def count(name: str) -> None:
    """Add one to the metric `name` of this stack."""
    dimensions = {"Stack": os.environ["STACK_NAME"]}
    with _LOCK, single_metric(name, MetricUnit.Count, 1, namespace=_NAMESPACE, default_dimensions=dimensions):
        pass
