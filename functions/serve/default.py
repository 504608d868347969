"""The neutral picture that stands in for people who were erased, unless the organisation has uploaded its own."""

import hashlib
from pathlib import Path

from headshot.stores.photos import StoredPhoto

_JPEG = Path(__file__).with_name("default.jpg").read_bytes()

VERSION = hashlib.sha256(_JPEG).hexdigest()[:32]
# It becomes current whenever the organisation erases its own picture, and nobody knows when that was. A date of its own
# would be older than that picture's, and so tell a client that has the erased picture to keep it.
PHOTO = StoredPhoto(len(_JPEG), None, _JPEG)
