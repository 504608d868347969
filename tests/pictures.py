"""Image files for the tests, good and bad, all made here."""

import io
import re
import struct
import zlib
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image, ImageCms, JpegImagePlugin

from headshot.imaging import Photo

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
    """Write the corners as a turned camera does: with turned pixels, and an EXIF orientation that undoes it."""
    transposes = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    transpose = transposes[orientation]
    picture = corners() if transpose is None else corners().transpose(transpose)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return encode(picture, exif=exif, quality=95)


def heic() -> bytes:
    """Return the corners as a HEIC picture of 300 by 400 pixels, lying on its side as phones store it, with a profile.

    It was made with pillow-heif, which the tests do not require because its wheels hold x265, under the GPL: the
    corners turned by Transpose.ROTATE_90, with `save("turned.heic", quality=60)`, the EXIF orientation 6 as `exif` and
    `icc_profile_with_red_and_green_swapped` as `icc_profile`.
    """
    return Path(__file__).with_name("turned.heic").read_bytes()


def icc_profile_with_red_and_green_swapped() -> bytes:
    """Write an ICC profile that swaps red and green: sRGB with two names of its tag table exchanged (ICC.1 §7.3)."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return srgb.replace(b"rXYZ", b"????", 1).replace(b"gXYZ", b"rXYZ", 1).replace(b"????", b"gXYZ", 1)


def png_header(width: int, height: int) -> bytes:
    """Write a PNG file that announces a size and has no pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", b""), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def read_clean(jpeg: bytes) -> Image.Image:
    """Decode a stored JPEG, and check that it is clean: RGB, square, three components, no segments but JFIF's.

    All segments are checked (ITU-T T.81 §B.1.1), also those between scans, and nothing may follow the end marker.
    """
    assert jpeg.startswith(b"\xff\xd8\xff\xe0\x00\x10JFIF\0")
    assert jpeg.endswith(b"\xff\xd9")
    markers, position = [], 2
    while position < len(jpeg) - 2:
        marker, length = struct.unpack_from(">xBH", jpeg, position)
        markers.append(marker)
        position += 2 + length
        if marker == 0xDA:
            after = re.compile(rb"\xff[^\x00\xd0-\xd7]").search(jpeg, position)
            assert after
            position = after.start()
    assert set(markers) <= {0xE0, 0xDB, 0xC2, 0xC4, 0xDA}, [hex(marker) for marker in markers]
    assert markers.count(0xE0) == 1
    image = JpegImagePlugin.JpegImageFile(io.BytesIO(jpeg))
    image.load()
    assert (image.mode, image.layers) == ("RGB", 3)
    assert image.width == image.height
    assert 64 <= image.width <= 512
    return image


def read_photo(photo: Photo) -> Image.Image:
    """Decode a photo, and check that it is clean and has the size that it claims."""
    image = read_clean(photo.jpeg)
    assert image.size == (photo.width, photo.height)
    return image


def assert_close(found: Any, expected: tuple[int, ...], tolerance: int = 6) -> None:
    """Check that two colours are the same, as far as a JPEG keeps them."""
    assert all(abs(a - b) <= tolerance for a, b in zip(found, expected, strict=True)), (found, expected)
