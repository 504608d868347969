"""The neutral picture that stands in for people who were erased, unless the organisation has uploaded its own."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from headshot.photos import StoredPhoto

_JPEG = Path(__file__).with_name("default.jpg").read_bytes()

VERSION = hashlib.sha256(_JPEG).hexdigest()[:32]
PHOTO = StoredPhoto(len(_JPEG), datetime(2026, 11, 23, tzinfo=UTC), _JPEG)  # the day on which it was drawn
