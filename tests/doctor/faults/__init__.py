"""Faults that keep a photo from appearing, by name, each with the link that `headshot doctor` must name."""

from tests.doctor.faults import aws, delivery, provider
from tests.doctor.faults.registry import FAULTS

__all__ = ["FAULTS", "aws", "delivery", "provider"]
