"""Image files for the tests, good and bad, all made here."""

import io
import struct
import zlib
from typing import Any

from PIL import ExifTags, Image, ImageCms

RED, GREEN, BLUE, YELLOW = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)


def corners(size: tuple[int, int] = (640, 640)) -> Image.Image:
    """Red, green, blue and yellow quarters: top left, top right, bottom left, bottom right."""
    picture = Image.new("RGB", (2, 2))
    picture.putdata([RED, GREEN, BLUE, YELLOW])
    return picture.resize(size, Image.Resampling.NEAREST)


def encode(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """Write `picture` as an image file."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def plain(colour: Any = "teal", size: tuple[int, int] = (96, 96), mode: str = "RGB", kind: str = "PNG") -> bytes:
    """Write a picture of one colour."""
    return encode(Image.new(mode, size, colour), kind)


def turned(orientation: int) -> bytes:
    """Write the corners as a camera held in another way does: other pixels, and an EXIF orientation that says how."""
    ways = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    way = ways[orientation]
    picture = corners() if way is None else corners().transpose(way)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return encode(picture, exif=exif, quality=95)


def icc_profile_with_red_and_green_swapped() -> bytes:
    """Write an ICC profile in which red means green: sRGB with two names of its tag table exchanged (ICC.1 §7.3)."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return srgb.replace(b"rXYZ", b"????", 1).replace(b"gXYZ", b"rXYZ", 1).replace(b"????", b"gXYZ", 1)


def png_header(width: int, height: int) -> bytes:
    """Write a PNG file that announces so many pixels and has none."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", b""), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def jpeg_markers(jpeg: bytes) -> list[int]:
    """Give the second bytes of a JPEG file's markers up to its first scan (ITU-T T.81 §B.1.1)."""
    markers, position = [], 2
    while True:
        marker, length = struct.unpack_from(">xBH", jpeg, position)
        markers.append(marker)
        if marker == 0xDA:
            return markers
        position += 2 + length
