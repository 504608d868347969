"""The structure of WebP files (RFC 9649)."""

import re
import struct

from headshot.imaging import exif
from headshot.imaging.errors import BrokenImageError, ImageTooComplexError
from headshot.imaging.header import Header
from headshot.imaging.limits import MAX_WEBP_CHUNKS

SIGNATURE = re.compile(rb"RIFF....WEBP", re.DOTALL)

_PICTURE = {b"VP8 ", b"VP8L", b"ANMF"}
_ESSENTIAL = {b"VP8X", b"ANIM", b"ALPH"}

# Of the flags in VP8X, those that announce a profile, EXIF and XMP.
_METADATA = 0b00101100


def read_header(data: bytes) -> Header:
    """Read the chunks, of which the first picture and what belongs to it are kept.

    Raises
    ------
    BrokenImageError
        If there is no picture.
    ImageTooComplexError
        If there are more chunks than an animation has.
    """
    stripped, orientation, profile, size, pictures = [], 1, b"", (0, 0), 0
    position = 12
    for _ in range(MAX_WEBP_CHUNKS):
        if position + 8 > len(data):
            break
        kind, length = struct.unpack_from("<4sI", data, position)
        end = position + 8 + length + length % 2
        chunk = data[position:end]
        if kind in _PICTURE:
            pictures += 1
            size = _larger(size, _size(chunk))
        if kind == b"VP8X":
            size = _larger(size, _size(chunk))
            chunk = chunk[:8] + bytes(flags & ~_METADATA for flags in chunk[8:9]) + chunk[9:]
        if kind in _ESSENTIAL or (kind in _PICTURE and pictures == 1):
            stripped.append(chunk)
        elif kind == b"EXIF":
            orientation = exif.orientation(chunk[8:])
        elif kind == b"ICCP":
            profile = chunk[8 : 8 + length]
        position = end
    else:
        raise ImageTooComplexError(
            f"The WebP file has over {MAX_WEBP_CHUNKS:,} chunks. Save its first frame alone as a new file."
        )
    if not pictures:
        raise BrokenImageError
    body = b"WEBP" + b"".join(stripped)
    return Header("WEBP", *size, b"RIFF" + struct.pack("<I", len(body)) + body, orientation, profile)


def _larger(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return max(one[0], other[0]), max(one[1], other[1])


def _size(chunk: bytes) -> tuple[int, int]:
    """Give the width and height that a chunk announces (RFC 9649 §2.7), or in bitstreams of VP8 and VP8L begin with."""
    kind, body = chunk[:4], chunk[8:]
    if kind == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"ANMF":
        return 1 + int.from_bytes(body[6:9], "little"), 1 + int.from_bytes(body[9:12], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
