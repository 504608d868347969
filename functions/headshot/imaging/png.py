"""The structure of PNG files (Portable Network Graphics, third edition, §5)."""

import re
import struct
import zlib

from headshot.imaging import exif
from headshot.imaging.header import Header, cut_off
from headshot.imaging.limits import MAX_ICC_BYTES, MAX_PIXELS, MAX_PNG_BITS, MAX_PNG_CHUNKS
from headshot.problems import ImageTooComplex

SIGNATURE = re.compile(rb"\x89PNG\r\n\x1a\n")

_HEADER_END = 33
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_ESSENTIAL = {b"PLTE", b"tRNS", b"IDAT", b"IEND"}


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
    essence, orientation, profile = [data[:_HEADER_END]], 1, b""
    position, kind = _HEADER_END, b""
    for _ in range(MAX_PNG_CHUNKS):
        if position + 8 > len(data) or kind == b"IEND":
            return Header("PNG", width, height, b"".join(essence), orientation, _inflate_profile(profile))
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 12 + length
        if kind in _ESSENTIAL:
            essence.append(data[position:end])
        elif kind == b"eXIf":
            orientation = exif.orientation(data[position + 8 : end - 4])
        elif kind == b"iCCP" and not profile:
            profile = data[position + 4 : end]
        position = end
    raise ImageTooComplex(
        f"The PNG file has over {MAX_PNG_CHUNKS:,} chunks. Open it, save it again and send the new file."
    )


def _inflate_profile(chunk: bytes) -> bytes:
    """Return the ICC profile of an iCCP chunk (§11.3.2.3), from its type to its checksum, or nothing if it is damaged.

    Pillow would refuse the whole picture over a checksum, or over 1 MiB, its limit for texts.
    """
    body, checksum = chunk[4:-4], chunk[-4:]
    _name, _end, compressed = body.partition(b"\0")
    if zlib.crc32(chunk[:-4]).to_bytes(4) != checksum or compressed[:1] != b"\0":
        return b""
    try:
        return zlib.decompressobj().decompress(compressed[1:], MAX_ICC_BYTES + 1)
    except zlib.error:
        return b""
