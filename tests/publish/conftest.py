"""A stack of its own: whoever was uploaded elsewhere would be published here, too."""

from tests.stack.conftest import _loopback, rig, stranger, uploader

__all__ = ["_loopback", "rig", "stranger", "uploader"]
