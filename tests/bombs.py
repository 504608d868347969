"""Small files that are expensive to decode, all made here. Each function returns the bytes of one."""

import io
import struct
import zlib
from typing import Any

from PIL import Image

from tests import pictures


def flat(size: tuple[int, int], kind: str, mode: str = "RGB", **options: Any) -> bytes:
    """Write a picture that compresses to almost nothing."""
    return pictures.encode(Image.linear_gradient("L").resize(size).convert(mode), kind, **options)


def jpeg_with_segments(count: int, segment: bytes) -> bytes:
    """Repeat a segment before a small picture."""
    jpeg = pictures.plain(kind="JPEG")
    return jpeg[:2] + segment * count + jpeg[2:]


def jpeg_segment(marker: int, body: bytes) -> bytes:
    """Write one JPEG segment."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def jpeg_with_scans(count: int, size: tuple[int, int], **options: Any) -> bytes:
    """Repeat the last scan of a progressive JPEG, which only refines the picture."""
    jpeg = flat(size, "JPEG", progressive=True, **options)
    last = jpeg.rindex(b"\xff\xda")
    tables = jpeg.rindex(b"\xff\xc4", 0, last)
    return jpeg[:-2] + jpeg[tables:-2] * count + jpeg[-2:]


def overlapping_exif() -> bytes:
    """Write an EXIF block of 5,000 entries that each claim the whole block as their value."""
    count, size = 5000, 60_000
    entries = b"".join(struct.pack("<HHII", tag, 7, size, 8) for tag in range(count))
    return (b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", count) + entries).ljust(65_000, b"\0")


def png_chunk(kind: bytes, body: bytes = b"") -> bytes:
    """Write one PNG chunk."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_right_checksums(data: bytes) -> bytes:
    """Return a damaged PNG with the right checksums, so that a decoder goes on to read the chunks."""
    fixed, position = [data[:8]], 8
    while position + 12 <= len(data):
        length = struct.unpack_from(">I", data, position)[0]
        fixed.append(png_chunk(data[position + 4 : position + 8], data[position + 8 : position + 8 + length]))
        position += 12 + length
    return b"".join(fixed)


def png_with_chunks(chunks: bytes) -> bytes:
    """Put chunks between the header and the picture."""
    png = pictures.plain(kind="PNG")
    return png[:33] + chunks + png[33:]


def zeros(count: int) -> bytes:
    """Deflate this many zeros (RFC 1950)."""
    return zlib.compress(bytes(count), 9)


def png_of_zeros(size: tuple[int, int], depth: int, colour: int) -> bytes:
    """Write a PNG with only zeros as samples, filtered by Paeth's predictor, the slowest."""
    return png_of_bytes(size, depth, colour, 0, predictor=4)


def png_of_bytes(size: tuple[int, int], depth: int, colour: int, value: int, predictor: int = 0) -> bytes:
    """Write a PNG with rows that repeat one byte, filtered by the predictor of this number; 0 is none."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    width, height = size
    row = bytes([predictor]) + bytes([value]) * ((width * channels * depth + 7) // 8)
    squeeze = zlib.compressobj(9)
    rows = b"".join(squeeze.compress(row) for _ in range(height)) + squeeze.flush()
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    palette = png_chunk(b"PLTE", bytes(768)) if colour == 3 else b""
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + palette + png_chunk(b"IDAT", rows) + png_chunk(b"IEND")


def gif_with_comments(count: int, size: int) -> bytes:
    """Put a comment of `count` sub-blocks of `size` bytes before the only frame."""
    gif = pictures.plain(kind="GIF")
    frame = gif.index(b"\x2c", 13)
    return gif[:frame] + b"\x21\xfe" + (bytes([size]) + b" " * size) * count + b"\0" + gif[frame:]


def webp_header(width: int, height: int) -> bytes:
    """Write a WebP file that announces a canvas and has a picture of one pixel."""
    canvas = struct.pack("<I", 0) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    small = pictures.encode(Image.new("RGB", (1, 1)), "WEBP", lossless=True)[12:]
    body = b"WEBPVP8X" + struct.pack("<I", len(canvas)) + canvas + small
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webp_with_chunks(count: int) -> bytes:
    """Put empty chunks before the picture."""
    webp = pictures.plain(kind="WEBP")
    body = b"WEBP" + b"JUNK\0\0\0\0" * count + webp[12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


def animation(kind: str, frames: int) -> bytes:
    """Write an animation of many frames."""
    out = io.BytesIO()
    pages = [Image.new("RGB", (96, 96), (index % 256, index // 256, 0)) for index in range(frames)]
    pages[0].save(out, kind, save_all=True, append_images=pages[1:])
    return out.getvalue()
