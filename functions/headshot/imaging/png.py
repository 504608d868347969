"""The structure of PNG files (Portable Network Graphics, third edition, §5)."""

import re
import struct

from headshot.imaging import exif
from headshot.imaging.header import Header, cut_off
from headshot.imaging.limits import MAX_PIXELS, MAX_PNG_BITS, MAX_PNG_CHUNKS
from headshot.problems import ImageTooComplex

SIGNATURE = re.compile(rb"\x89PNG\r\n\x1a\n")

_HEADER_END = 33
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_ESSENTIAL = {b"PLTE", b"tRNS", b"IDAT", b"IEND", b"iCCP"}


def read(data: bytes) -> Header:
    """Read the chunks.

    Raises
    ------
    BrokenImage
        If the file does not begin with its header chunk.
    ImageTooComplex
        If there are more chunks than a picture has, or more bits than are unpacked.
    """
    if data[12:16] != b"IHDR" or len(data) < _HEADER_END:
        raise cut_off()
    width, height, depth, colour_type = struct.unpack_from(">IIBB", data, 16)
    bits = depth * _CHANNELS.get(colour_type, 1)
    if width * height * bits > MAX_PNG_BITS and width * height <= MAX_PIXELS["PNG"]:
        raise ImageTooComplex(
            f"The PNG file has {width * height / 1e6:.1f} megapixels of {bits} bits; at most"
            f" {MAX_PNG_BITS / bits / 1e6:.1f} megapixels are accepted at that depth. Save it with 8 bits a channel."
        )
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
