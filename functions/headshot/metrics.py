"""CloudWatch metrics of this stack, as log lines in the embedded metric format. docs/operations.md lists them."""

import os
from threading import Lock

from aws_lambda_powertools import single_metric
from aws_lambda_powertools.metrics import MetricUnit

_NAMESPACE = "Headshot"

# Powertools writes a line in pieces, and threads must not mix theirs.
_LOCK = Lock()


def count(name: str, **dimension: str) -> None:
    """Add one to the metric `name` of this stack, and to the one with this dimension, such as `Code="not-found"`."""
    _add(name, MetricUnit.Count, 1)
    if dimension:  # in addition: CloudWatch adds up no dimensions, and an alarm needs the total
        _add(name, MetricUnit.Count, 1, **dimension)


def seconds(name: str, value: float) -> None:
    """Add a value in seconds to the metric `name` of this stack."""
    _add(name, MetricUnit.Seconds, value)


def _add(name: str, unit: MetricUnit, value: float, **dimension: str) -> None:
    dimensions = {"Stack": os.environ["STACK_NAME"], **dimension}
    with _LOCK, single_metric(name, unit, value, namespace=_NAMESPACE, default_dimensions=dimensions):
        pass
