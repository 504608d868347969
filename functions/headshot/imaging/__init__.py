"""Makes the one kind of picture that Headshot keeps out of whatever it is given. Knows nothing of AWS.

guard reads the structure and rejects what would cost too much → crop chooses the square → decode has Pillow read just
that, small → colour makes it sRGB → here it becomes a JPEG.
"""

import hashlib
import io
from dataclasses import dataclass
from typing import Self

from headshot.imaging.colour import to_srgb
from headshot.imaging.crop import Crop, Gravity, Square, in_stored, place
from headshot.imaging.decode import decode
from headshot.imaging.errors import ImageError, ImageTooLargeError, InvalidCropError, UnknownFormatError
from headshot.imaging.guard import inspect
from headshot.imaging.limits import MAX_BYTES, MAX_SIDE

__all__ = [
    "MAX_BYTES",
    "Crop",
    "Gravity",
    "ImageError",
    "ImageTooLargeError",
    "InvalidCropError",
    "Photo",
    "Square",
    "UnknownFormatError",
    "inspect",
    "looks_served",
    "normalise",
]

_QUALITY = 85


@dataclass(frozen=True, slots=True)
class Photo:
    """A clean picture: square, upright, sRGB, without metadata. `version` is a hash of `jpeg`; sides are in pixels."""

    jpeg: bytes
    version: str
    width: int
    height: int

    @classmethod
    def of(cls, jpeg: bytes) -> Self:
        """Describe a JPEG that `normalise` has made. Its version is the first 128 bits of its SHA-256, as hex."""
        header = inspect(jpeg)
        return cls(jpeg, hashlib.sha256(jpeg).hexdigest()[:32], header.width, header.height)


def looks_served(data: bytes, max_bytes: int = MAX_BYTES) -> bool:
    """Whether an image file may be one that `normalise` has made. Raises what `guard.inspect` does."""
    header = inspect(data, max_bytes)
    return header.format == "JPEG" and header.width == header.height <= MAX_SIDE


def normalise(data: bytes, crop: Crop = Gravity.UPPER_THIRD, max_bytes: int = MAX_BYTES) -> Photo:
    """Make a `Photo` of an image file's bytes, of which there may be `max_bytes`.

    The picture is turned upright, cropped to a square, scaled down to at most 512 pixels a side (never up), put on
    white where it is transparent, brought to sRGB and written as a progressive JPEG of quality 85.

    Raises
    ------
    ImageError
        As `guard.inspect` does before anything is decoded; InvalidCropError if the picture has no such square;
        BrokenImageError if it cannot be decoded to its end.
    """
    header = inspect(data, max_bytes)
    width, height = header.width, header.height
    upright = (height, width) if header.orientation in {5, 6, 7, 8} else (width, height)
    square = in_stored(place(*upright, crop), width, height, header.orientation)
    picture = to_srgb(decode(header, square), header.profile)
    picture.info.clear()  # the JPEG writer would copy a comment from it
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return Photo.of(out.getvalue())
