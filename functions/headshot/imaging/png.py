"""The structure of PNG files (Portable Network Graphics, third edition, §5)."""

import re
import struct

from headshot.imaging import exif
from headshot.imaging.header import Header, cut_off
from headshot.imaging.limits import MAX_PNG_CHUNKS
from headshot.problems import ImageTooComplex

SIGNATURE = re.compile(rb"\x89PNG\r\n\x1a\n")

_HEADER_END = 33
_ESSENTIAL = {b"PLTE", b"tRNS", b"IDAT", b"IEND", b"iCCP"}


def read(data: bytes) -> Header:
    """Read the chunks.

    Raises
    ------
    BrokenImage
        If the file does not begin with its header chunk.
    ImageTooComplex
        If there are more chunks than a picture has.
    """
    if data[12:16] != b"IHDR" or len(data) < _HEADER_END:
        raise cut_off()
    width, height = struct.unpack_from(">II", data, 16)
    essence, orientation = [data[:_HEADER_END]], 1
    position, kind = _HEADER_END, b""
    for _ in range(MAX_PNG_CHUNKS):
        if position + 8 > len(data) or kind == b"IEND":
            return Header("PNG", width, height, b"".join(essence), orientation)
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 12 + length
        if kind in _ESSENTIAL:
            essence.append(data[position:end])
        elif kind == b"eXIf":
            orientation = exif.orientation(data[position + 8 : end - 4])
        position = end
    raise ImageTooComplex(
        f"The PNG file has over {MAX_PNG_CHUNKS:,} chunks. Open it, save it again and send the new file."
    )
