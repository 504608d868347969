"""The structure of PNG files (Portable Network Graphics, third edition, §5)."""

import re
import struct
import zlib

from headshot.imaging import exif
from headshot.imaging.errors import BrokenImageError, ImageTooComplexError
from headshot.imaging.header import Header
from headshot.imaging.limits import MAX_ICC_BYTES, MAX_PIXELS, MAX_PNG_BITS, MAX_PNG_CHUNKS

SIGNATURE = re.compile(rb"\x89PNG\r\n\x1a\n")

_HEADER_END = 33
_GREY, _COLOUR, _PALETTE, _GREY_WITH_ALPHA, _COLOUR_WITH_ALPHA = 0, 2, 3, 4, 6
_CHANNELS = {_GREY: 1, _COLOUR: 3, _PALETTE: 1, _GREY_WITH_ALPHA: 2, _COLOUR_WITH_ALPHA: 4}
_ESSENTIAL = {b"IDAT", b"IEND"}

# What Pillow multiplies samples by, but not the colour that is transparent (§11.3.1.1). It keeps 16 bits of grey.
_SCALES = {(_GREY, 2): 255 / 3, (_GREY, 4): 255 / 15, (_COLOUR, 16): 1 / 256}


def read_header(data: bytes) -> Header:
    """Read the chunks.

    Raises
    ------
    BrokenImageError
        If the file does not begin with its header chunk.
    ImageTooComplexError
        If there are more chunks than a picture has, or more bits than are unpacked.
    """
    if data[12:16] != b"IHDR" or len(data) < _HEADER_END:
        raise BrokenImageError
    width, height, depth, colour_type = struct.unpack_from(">IIBB", data, 16)
    bits = depth * _CHANNELS.get(colour_type, 1)
    if width * height * bits > MAX_PNG_BITS and width * height <= MAX_PIXELS["PNG"]:
        raise ImageTooComplexError(
            f"The PNG file has {width * height / 1e6:.1f} megapixels of {bits} bits; at most"
            f" {MAX_PNG_BITS / bits / 1e6:.1f} megapixels are accepted at that depth. Save it with 8 bits a channel."
        )
    stripped, orientation, profile = [data[:_HEADER_END]], 1, b""
    position, kind = _HEADER_END, b""
    for _ in range(MAX_PNG_CHUNKS):
        if position + 8 > len(data) or kind == b"IEND":
            return Header("PNG", width, height, b"".join(stripped), orientation, _inflate_profile(profile))
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 12 + length
        if kind in _ESSENTIAL or (kind == b"PLTE" and colour_type == _PALETTE):
            stripped.append(data[position:end])
        elif kind == b"tRNS" and colour_type in {_GREY, _COLOUR, _PALETTE}:
            stripped.append(_scale_transparency(data[position:end], _SCALES.get((colour_type, depth))))
        elif kind == b"eXIf":
            orientation = exif.orientation(data[position + 8 : end - 4])
        elif kind == b"iCCP" and not profile:
            profile = data[position + 4 : end]
        position = end
    raise ImageTooComplexError(
        f"The PNG file has over {MAX_PNG_CHUNKS:,} chunks. Open it, save it again and use the new file."
    )


def _scale_transparency(chunk: bytes, scale: float | None) -> bytes:
    """Return a tRNS chunk with its colour multiplied by `scale`, or as it is if there is none or it is damaged."""
    body = chunk[8:-4][:6]
    if scale is None or len(body) % 2 or not _is_whole(chunk[4:]):
        return chunk
    levels = struct.unpack(f">{len(body) // 2}H", body)
    body = b"tRNS" + struct.pack(f">{len(levels)}H", *(min(int(level * scale), 255) for level in levels))
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


def _is_whole(chunk: bytes) -> bool:
    """Return whether a chunk, from its type on, ends with its checksum."""
    return zlib.crc32(memoryview(chunk)[:-4]).to_bytes(4) == chunk[-4:]


def _inflate_profile(chunk: bytes) -> bytes:
    """Return the ICC profile of an iCCP chunk (§11.3.2.3), from its type to its checksum, or nothing if it is damaged.

    Pillow would reject the whole picture over a checksum, or over 1 MiB, its limit for texts.
    """
    _name, _end, compressed = chunk[4:-4].partition(b"\0")
    if not _is_whole(chunk) or compressed[:1] != b"\0":
        return b""
    try:
        return zlib.decompressobj().decompress(compressed[1:], MAX_ICC_BYTES + 1)
    except zlib.error:
        return b""
