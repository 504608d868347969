"""The neutral photo that erased people get, unless the organisation has uploaded its own."""

import hashlib
from pathlib import Path

from headshot.stores.stored import StoredPhoto

_JPEG = Path(__file__).with_name("default.jpg").read_bytes()

VERSION = hashlib.sha256(_JPEG).hexdigest()[:32]
# No Last-Modified: this photo becomes current when the organisation erases its own, and nobody knows when that was. A
# fixed date would be older than the erased photo's, and so tell clients to keep that one.
PHOTO = StoredPhoto(len(_JPEG), None, _JPEG)
