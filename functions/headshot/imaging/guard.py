"""What stands before the decoder: reads the structure of a file, in time linear in its bytes, and decodes nothing."""

import re
from collections.abc import Callable

from headshot.imaging import gif, jpeg, png, webp
from headshot.imaging.errors import (
    ImageTooLargeError,
    ImageTooSmallError,
    TooManyPixelsError,
    UnknownFormatError,
    UnsupportedFormatError,
)
from headshot.imaging.header import Header
from headshot.imaging.limits import MAX_BYTES, MAX_PIXELS, MIN_SIDE

_READERS: dict[re.Pattern[bytes], Callable[[bytes], Header]] = {
    reader.SIGNATURE: reader.read_header for reader in (jpeg, png, gif, webp)
}

_TO_JPEG = (
    "Export it as JPEG, from Preview on a Mac or with `magick photo.{0} photo.jpg` elsewhere; a whole folder with"
    " `magick mogrify -format jpg *.{0}`."
)
_FOREIGN = {
    (4, b"ftypavi"): ("an AVIF picture", _TO_JPEG.format("avif")),
    (4, b"ftyp"): (
        "a HEIC picture or a film",
        "On an iPhone, take photos as JPEG with Settings › Camera › Formats › Most Compatible. "
        + _TO_JPEG.format("heic"),
    ),
    (0, b"\0\0\0\x0cjP  "): ("a JPEG 2000 picture", _TO_JPEG.format("jp2")),
    (0, b"\0\0\0\x0cJXL "): ("a JPEG XL picture", _TO_JPEG.format("jxl")),
    (0, b"\xff\x0a"): ("a JPEG XL picture", _TO_JPEG.format("jxl")),
    (0, b"II*\0"): ("a TIFF or raw picture", _TO_JPEG.format("tiff")),
    (0, b"MM\0*"): ("a TIFF or raw picture", _TO_JPEG.format("tiff")),
    (0, b"BM"): ("a BMP picture", _TO_JPEG.format("bmp")),
    (0, b"%PDF"): ("a PDF document", "Save the picture in it as a file of its own."),
}


def inspect(data: bytes, max_bytes: int = MAX_BYTES) -> Header:
    """Tell what picture a file holds, and reject it if decoding it would cost too much or show too little.

    Raises
    ------
    ImageTooLargeError, TooManyPixelsError, ImageTooComplexError
        Over a limit of `headshot.imaging.limits`.
    UnsupportedFormatError
        The bytes, whatever they are announced as, are not a JPEG, PNG, WebP or GIF.
    ImageTooSmallError
        A side has fewer than `MIN_SIDE` pixels.
    BrokenImageError
        The structure makes no sense.
    """
    if len(data) > max_bytes:
        raise ImageTooLargeError(len(data), max_bytes)
    for signature, read in _READERS.items():
        if signature.match(data):
            header = read(data)
            _check_size(header)
            return header
    raise _unsupported(data)


def _check_size(header: Header) -> None:
    """Reject what is too large to decode or too small to show."""
    width, height, limit = header.width, header.height, MAX_PIXELS[header.format]
    if width * height > limit:
        raise TooManyPixelsError(
            f"The picture is {width * height / 1e6:.1f} megapixels ({width} × {height}); at most"
            f" {limit // 1_000_000} are accepted as {header.format}. Scale it down."
        )
    if min(width, height) < MIN_SIDE:
        raise ImageTooSmallError(
            f"The picture is {width} × {height} pixels; each side needs at least {MIN_SIDE}. Use a larger one."
        )


def _unsupported(data: bytes) -> UnsupportedFormatError:
    """Name the format where it is known, and say how to get to one that is accepted."""
    for (position, signature), (name, advice) in _FOREIGN.items():
        if data.startswith(signature, position):
            return UnsupportedFormatError(f"The file is {name}. Headshot reads JPEG, PNG, WebP and GIF. {advice}")
    return UnknownFormatError()
