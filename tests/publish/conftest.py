"""A stack of its own: in another test's stack, that test's photos would be published here, too."""

from tests.stack.conftest import _loopback, drop, rig, stranger, uploader

__all__ = ["_loopback", "drop", "rig", "stranger", "uploader"]
