"""Metrics in CloudWatch, written as log lines (embedded metric format)."""

import os
from threading import Lock

from aws_lambda_powertools import single_metric
from aws_lambda_powertools.metrics import MetricUnit

_NAMESPACE = "Headshot"

# single_metric writes a line in several pieces, and reconcile has threads.
_LOCK = Lock()


def count(name: str) -> None:
    """Add 1 to the metric `name` of this stack."""
    dimensions = {"Stack": os.environ["STACK_NAME"]}
    with _LOCK, single_metric(name, MetricUnit.Count, 1, namespace=_NAMESPACE, default_dimensions=dimensions):
        pass
