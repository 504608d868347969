import io
import re
import struct
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from headshot import imaging
from headshot.imaging import limits
from headshot.imaging.errors import (
    BrokenImageError,
    ImageError,
    ImageTooComplexError,
    ImageTooLargeError,
    ImageTooSmallError,
    TooManyPixelsError,
    UnsupportedFormatError,
)
from headshot.imaging.guard import inspect
from local import portrait
from tests import bombs, pictures

SOMETHING = b"<?php secret ?>"
COMMENT = bombs.jpeg_segment(0xFE, b"")
ISO_MEDIA = b"\0\0\0\x1cftyp"

# Made when a test asks: each process collects all tests.
REJECTED: dict[str, tuple[Callable[[], bytes], type[ImageError], str]] = {
    "nothing": (lambda: b"", UnsupportedFormatError, "JPEG, PNG, WebP or GIF"),
    "an SVG": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", UnsupportedFormatError, "JPEG, PNG, WebP or GIF"),
    "a PDF": (lambda: b"%PDF-1.7 and so on", UnsupportedFormatError, "PDF"),
    "a BMP": (lambda: pictures.plain(kind="BMP"), UnsupportedFormatError, "BMP"),
    "a TIFF": (lambda: pictures.plain(kind="TIFF"), UnsupportedFormatError, "TIFF"),
    "a HEIC": (
        lambda: ISO_MEDIA + b"heic\0\0\0\0mif1heic",
        UnsupportedFormatError,
        r"HEIC .* Most Compatible.* photo.heic photo.jpg.* mogrify -format jpg \*.heic",
    ),
    "an AVIF": (lambda: ISO_MEDIA + b"avif\0\0\0\0mif1avif", UnsupportedFormatError, "AVIF .* photo.avif photo.jpg"),
    "a JPEG 2000": (lambda: b"\0\0\0\x0cjP  \r\n\x87\n", UnsupportedFormatError, "JPEG 2000"),
    "a JPEG XL": (lambda: b"\xff\x0a\xfa\x7f", UnsupportedFormatError, "JPEG XL"),
    "too many bytes": (
        lambda: b"\xff\xd8\xff" + bytes(4_500_000),
        ImageTooLargeError,
        "4,500,003 bytes; at most 4,500,000",
    ),
    "JPEG pixels": (
        lambda: bombs.flat((9000, 6778), "JPEG"),
        TooManyPixelsError,
        r"61.0 megapixels \(9000 × 6778\); at most 50",
    ),
    "PNG pixels": (
        lambda: pictures.png_header(100_000, 100_000),
        TooManyPixelsError,
        "10000.0 megapixels .* at most 25",
    ),
    "GIF pixels": (
        lambda: b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\x01\0\x01\0\0",
        TooManyPixelsError,
        "4294.8 .* at most 25",
    ),
    "a GIF frame's pixels": (
        lambda: b"GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\xff\xff\xff\xff\0",
        TooManyPixelsError,
        "at most 25",
    ),
    "WebP pixels": (lambda: bombs.webp_header(16383, 16383), TooManyPixelsError, "268.4 .* at most 20"),
    "too small": (
        lambda: pictures.plain(size=(63, 200)),
        ImageTooSmallError,
        "63 × 200 pixels; each side needs at least 64",
    ),
    "scans": (
        lambda: bombs.jpeg_with_scans(limits.MAX_JPEG_SCANS, (64, 64)),
        ImageTooComplexError,
        r"2\d\d scans of 0.0 megapixels; at most 200",
    ),
    "scans × pixels": (
        lambda: bombs.jpeg_with_scans(60, (4000, 3000)),
        ImageTooComplexError,
        r"7\d scans of 12.0 megapixels; at most 66",
    ),
    "segments": (lambda: bombs.jpeg_with_segments(500, COMMENT), ImageTooComplexError, "over 500 segments"),
    "PNG chunks": (
        lambda: bombs.png_with_chunks(bombs.png_chunk(b"prVt") * 20_000),
        ImageTooComplexError,
        "over 20,000 chunks",
    ),
    "PNG bits": (
        lambda: bombs.png_of_zeros((4000, 3200), 16, 6),
        ImageTooComplexError,
        "12.8 megapixels of 64 bits; at most 12.5 megapixels",
    ),
    "GIF blocks": (lambda: bombs.gif_with_comments(20_001, 1), ImageTooComplexError, "over 20,000 blocks"),
    "GIF extensions": (
        lambda: pictures.plain(kind="GIF")[:13] + b"\x21\xfe\x01\x20\0" * 20_001,
        ImageTooComplexError,
        "over 20,000 blocks",
    ),
    "WebP chunks": (lambda: bombs.webp_with_chunks(10_000), ImageTooComplexError, "over 10,000 chunks"),
    "coefficients": (
        lambda: bombs.flat((6200, 6200), "JPEG", "CMYK", progressive=True),
        ImageTooComplexError,
        "4 components of 38.4 megapixels; at most 150 megapixels in all",
    ),
}


@pytest.mark.parametrize("name", REJECTED)
def test_an_error_names_the_limit_and_the_measured_value(name, monkeypatch):
    make, problem, words = REJECTED[name]
    data = make()
    monkeypatch.setattr(Image, "open", None)  # it comes before any decoder
    with pytest.raises(problem) as rejected:
        imaging.normalise(data)
    assert re.search(words, rejected.value.detail), rejected.value.detail


@pytest.mark.parametrize(
    "accepted",
    [
        lambda: bombs.jpeg_with_scans(limits.MAX_JPEG_SCANS - 20, (64, 64)),
        lambda: bombs.jpeg_with_segments(480, COMMENT),
        lambda: bombs.png_with_chunks(bombs.png_chunk(b"prVt") * 19_000),
        lambda: bombs.gif_with_comments(19_000, 1),
        lambda: bombs.webp_with_chunks(9_000),
        lambda: bombs.animation("GIF", 300),
        lambda: bombs.animation("WEBP", 300),
        # All that a scan begins with, where there is no scan.
        lambda: bombs.jpeg_with_segments(40, bombs.jpeg_segment(0xFE, b"\xff\xda" * 30_000)),
    ],
    ids=["scans", "segments", "PNG chunks", "GIF blocks", "WebP chunks", "GIF frames", "WebP frames", "no scans"],
)
def test_what_is_within_the_limits_is_accepted(accepted):
    assert pictures.read_clean(imaging.normalise(accepted()).jpeg).size in {(64, 64), (96, 96)}


def test_every_limit_on_pixels_is_for_a_format_that_is_read():
    for kind in limits.MAX_PIXELS:
        assert inspect(pictures.plain(kind=kind)).format == kind


def with_metadata(kind):
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, SOMETHING.decode()
    options: dict[str, Any] = {"exif": exif, "xmp": SOMETHING, "comment": SOMETHING}
    if kind == "PNG":
        options["pnginfo"] = PngImagePlugin.PngInfo()
        options["pnginfo"].add_text("Comment", SOMETHING.decode())
    return pictures.encode(pictures.corners((96, 128)), kind, **options)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_the_decoder_sees_the_picture_and_nothing_else(kind):
    data = with_metadata(kind)
    assert SOMETHING in data
    header = inspect(data)
    assert SOMETHING not in header.stripped
    assert b"Exif" not in header.stripped
    assert header.orientation == (1 if kind == "GIF" else 6)
    stripped = Image.open(io.BytesIO(header.stripped))
    assert stripped.convert("RGB").tobytes() == Image.open(io.BytesIO(data)).convert("RGB").tobytes()


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_only_the_first_frame_of_an_animation_is_decoded(kind):
    data = bombs.animation(kind, 20)
    header = inspect(data)
    stripped = Image.open(io.BytesIO(header.stripped))
    first = Image.open(io.BytesIO(data))
    assert stripped.convert("RGB").tobytes() == first.convert("RGB").tobytes()
    if kind == "WEBP":
        assert getattr(stripped, "n_frames") == 1  # noqa: B009  Pillow's types do not know it


def test_junk_between_jpeg_segments_is_skipped():
    jpeg = pictures.plain(kind="JPEG")
    assert inspect(jpeg[:2] + b"\xff\xff\xff" + jpeg[2:]).stripped == jpeg
    assert inspect(jpeg[:20] + b"junk" + jpeg[20:]).stripped == jpeg


@pytest.mark.parametrize(
    "broken",
    [
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xda\0\x08",
        b"\xff\xd8\xff\xe0\0\0",
        b"\xff\xd8\xff\xc0\0\x11\x08\0",
        bombs.jpeg_with_segments(1, bombs.jpeg_segment(0xC0, b"\x08\0\x60\0\x60\x01\x01\x11\0")),
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n" + bombs.png_chunk(b"IDAT"),
        b"GIF89a",
        b"GIF89a\x60\0\x60\0\0\0\0;",
        b"RIFF\x04\0\0\0WEBP",
        b"RIFF\x0c\0\0\0WEBPVP8X\0\0\0\0",
        b"RIFF\x0c\0\0\0WEBPVP8 \0\0\0\0",
    ],
)
def test_a_structure_that_makes_no_sense_is_rejected(broken):
    with pytest.raises((BrokenImageError, ImageTooSmallError)):
        imaging.normalise(broken)


def block(order, value, *, kind=3, count=1):
    entry = struct.pack(order + "HHI", 0x0112, kind, count) + struct.pack(order + ("I" if kind == 4 else "H2x"), value)
    other = struct.pack(order + "HHII", 0x0100, 4, 1, 5)
    return (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "IH", 8, 2) + other + entry


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", [3, 4])
def test_the_orientation_is_read_in_either_byte_order_and_width(order, kind):
    assert [imaging.exif.orientation(block(order, value, kind=kind)) for value in range(10)] == [1, *range(1, 9), 1]


@pytest.mark.parametrize(
    "broken", [b"", b"II", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff", b"XX" + bytes(20)]
)
def test_a_broken_exif_block_means_upright(broken):
    assert imaging.exif.orientation(b"Exif\0\0" + broken) == 1


def test_a_portrait_goes_through_untouched_but_for_its_metadata():
    jpeg = portrait.jpeg("Ada")
    header = inspect(jpeg)
    assert len(jpeg) - len(header.stripped) < 2000
    assert (header.format, header.width, header.height) == ("JPEG", *Image.open(io.BytesIO(jpeg)).size)
