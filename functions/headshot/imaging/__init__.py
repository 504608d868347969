"""Turns any picture that Headshot accepts into the one kind that it keeps: a small, square, clean JPEG.

`inspect` reads the structure of a file and rejects what would cost too much to decode. `convert` then chooses a square
(crop), has Pillow read only that (decode), converts it to sRGB (colour) and writes a JPEG. Nothing here knows of AWS or
HTTP: bytes come in, a `Photo` or an `ImageError` comes out.
"""

import hashlib
import io
from dataclasses import dataclass

from headshot.imaging.colour import to_srgb
from headshot.imaging.crop import Crop, Gravity, Square, in_stored, place
from headshot.imaging.decode import decode
from headshot.imaging.errors import ImageError, ImageTooLargeError, InvalidCropError, UnknownFormatError
from headshot.imaging.guard import inspect
from headshot.imaging.header import Header
from headshot.imaging.limits import MAX_BYTES, MAX_SIDE

__all__ = [
    "MAX_BYTES",
    "Crop",
    "Gravity",
    "Header",
    "ImageError",
    "ImageTooLargeError",
    "InvalidCropError",
    "Photo",
    "Square",
    "UnknownFormatError",
    "convert",
    "inspect",
    "may_be_photo",
    "normalise",
    "version_of",
]

_QUALITY = 85


@dataclass(frozen=True, slots=True)
class Photo:
    """A clean picture: a square, upright sRGB JPEG without metadata, its `version_of`, and its sides in pixels."""

    jpeg: bytes
    version: str
    width: int
    height: int


def version_of(jpeg: bytes) -> str:
    """Return the version of a photo: the first 128 bits of the SHA-256 of its bytes, as 32 hex digits."""
    return hashlib.sha256(jpeg).hexdigest()[:32]


def may_be_photo(header: Header) -> bool:
    """Return whether a file may be one that `convert` has written: a square JPEG of at most `MAX_SIDE` a side."""
    return header.format == "JPEG" and header.width == header.height <= MAX_SIDE


def normalise(data: bytes, crop: Crop = Gravity.UPPER_THIRD, max_bytes: int = MAX_BYTES) -> Photo:
    """Return the `Photo` of an image file of at most `max_bytes`. Raise what `inspect` and `convert` raise."""
    return convert(inspect(data, max_bytes), crop)


def convert(header: Header, crop: Crop = Gravity.UPPER_THIRD) -> Photo:
    """Return the `Photo` of a file that `inspect` has let through.

    The picture is turned upright, cropped to a square, scaled down to at most `MAX_SIDE` pixels a side (never up), put
    on white where it is transparent, converted to sRGB and written as a progressive JPEG of quality 85.

    Raises
    ------
    InvalidCropError
        If the picture has no such square.
    BrokenImageError
        If the picture cannot be decoded to its end.
    """
    width, height = header.width, header.height
    upright = (height, width) if header.orientation in {5, 6, 7, 8} else (width, height)
    square = in_stored(place(*upright, crop), width, height, header.orientation)
    picture = to_srgb(decode(header, square), header.profile)
    picture.info.clear()  # the JPEG writer would copy a comment from it
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    jpeg = out.getvalue()
    return Photo(jpeg, version_of(jpeg), picture.width, picture.height)
