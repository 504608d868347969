"""The structure of GIF files (Graphics Interchange Format 89a), up to their first frame."""

import re
import struct

from headshot.imaging.errors import BrokenImageError, ImageTooComplexError
from headshot.imaging.header import Header
from headshot.imaging.limits import MAX_GIF_BLOCKS

SIGNATURE = re.compile(rb"GIF8[79]a")

_EXTENSION, _GRAPHIC_CONTROL, _IMAGE = 0x21, 0xF9, 0x2C


def read_header(data: bytes) -> Header:
    """Read the blocks before the first frame, of which its graphic control is kept.

    Raises
    ------
    BrokenImageError
        If there is no frame.
    ImageTooComplexError
        If there are more blocks before the first frame than an animation has.
    """
    try:
        width, height, flags = struct.unpack_from("<HHB", data, 6)
        position = 13 + _table_bytes(flags)
        head, control = data[:position], b""
        for _ in range(MAX_GIF_BLOCKS):
            start = position
            if data[start] == _IMAGE:
                left, top, frame_width, frame_height = struct.unpack_from("<4H", data, start + 1)
                # A frame that reaches over the canvas makes it larger, says Pillow.
                size = max(width, left + frame_width), max(height, top + frame_height)
                return Header("GIF", *size, head + control + data[start:])
            if data[start] != _EXTENSION:
                position += 1
                continue
            position = _after_blocks(data, start + 2)
            if data[start + 1] == _GRAPHIC_CONTROL:
                control = data[start:position]
    except (IndexError, struct.error) as error:
        raise BrokenImageError from error
    raise _too_many_blocks()


def _table_bytes(flags: int) -> int:
    """Give the size of the colour table that a descriptor's flags announce, in bytes."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(data: bytes, position: int) -> int:
    """Give the position after a row of data sub-blocks, which an empty one ends."""
    for _ in range(MAX_GIF_BLOCKS):
        length = data[position]
        position += 1 + length
        if not length:
            return position
    raise _too_many_blocks()


def _too_many_blocks() -> ImageTooComplexError:
    return ImageTooComplexError(
        f"The GIF file has over {MAX_GIF_BLOCKS:,} blocks before its first frame. Save that frame alone as a new file."
    )
