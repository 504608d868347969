"""A newer record, the URL after an erasure, and an age at which publishing fails."""

from dataclasses import replace
from datetime import timedelta

from headshot.publish import RETRY_PERIOD
from tests.unit.examples import RECORD

NEWER = replace(RECORD, url="https://photos.example.com/photos/ada/newer.jpg", version="newer", s3_version_id="s3-2")
ERASED_URL = "https://photos.example.com/photos/_default.jpg"
TOO_OLD = RETRY_PERIOD + timedelta(minutes=1)
