"""Pictures that the API would reject: the converted file results in the same photo."""

import io
import random
from typing import Any

import pytest
from PIL import ExifTags, Image, ImageChops, ImageStat

from headshot.imaging import limits, normalise
from headshot.imaging.errors import TooManyPixelsError, UnsupportedFormatError
from headshot.imaging.limits import MAX_PIXELS
from headshot_cli.fit import MAX_BYTES, fit
from tests import pictures

LARGE = (1500, 2100)


def painted(mode: str = "RGB", size: tuple[int, int] = LARGE) -> Image.Image:
    """Draw four different corners, which show how a picture is turned, on a slope from dark to bright."""
    slope = Image.linear_gradient("L").resize(size)
    return Image.blend(pictures.corners(size), Image.merge("RGB", [slope] * 3), 0.5).convert(mode)


def see_through() -> Image.Image:
    """Draw the same picture, with transparency that grows to the right."""
    picture = painted("RGBA")
    picture.putalpha(Image.linear_gradient("L").rotate(90).resize(LARGE))
    return picture


def held_sideways() -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    return pictures.encode(painted(), exif=exif)


FILES: dict[str, Any] = {
    "colour": lambda: pictures.encode(painted()),
    "grey": lambda: pictures.encode(painted("L")),
    "print": lambda: pictures.encode(painted("CMYK")),
    "profile": lambda: pictures.encode(painted(), icc_profile=pictures.icc_profile_with_red_and_green_swapped()),
    "large profile": lambda: pictures.encode(painted(), "PNG", icc_profile=random.Random(0).randbytes(1_200_000)),
    "sideways": held_sideways,
    "broad": lambda: pictures.encode(painted(size=(4000, 1100))),
    "transparent": lambda: pictures.encode(see_through(), "PNG", compress_level=1),
    "transparent, with profile": lambda: pictures.encode(
        see_through(), "PNG", compress_level=1, icc_profile=pictures.icc_profile_with_red_and_green_swapped()
    ),
    "palette": lambda: pictures.encode(painted().quantize(64), "PNG", compress_level=1),
    "one transparent colour": lambda: pictures.encode(painted(), "PNG", compress_level=1, transparency=(127, 0, 0)),
    "sixteen bits": lambda: pictures.encode(
        painted("L").convert("I").point(lambda level: level * 257).convert("I;16"), "PNG", compress_level=1
    ),
    "sixteen bits, one transparent level": lambda: pictures.encode(
        painted("L")
        .point(lambda level: level // 64 * 64)
        .convert("I")
        .point(lambda level: level * 256)
        .convert("I;16"),
        "PNG",
        compress_level=1,
        transparency=64 * 256,
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_large_picture_is_scaled_down_and_its_photo_stays_the_same(name, monkeypatch):
    monkeypatch.setattr("headshot_cli.fit._MAX_PIXELS", 3_000_000)
    data = FILES[name]()
    smaller = fit(data)
    assert len(smaller) <= MAX_BYTES
    with Image.open(io.BytesIO(smaller)) as picture:
        assert min(picture.size) == 1024
    photo, expected = (Image.open(io.BytesIO(normalise(file).jpeg)) for file in (smaller, data))
    assert photo.size == expected.size == (512, 512)
    difference = ImageStat.Stat(ImageChops.difference(photo, expected))
    assert max(difference.mean) < 2, difference.mean


@pytest.mark.parametrize(("kind", "pixels"), MAX_PIXELS.items())
def test_a_picture_with_too_many_pixels_is_scaled_down(kind, pixels):
    data = pictures.plain(size=(5000, pixels // 5000 + 1), mode="L", kind=kind)
    with pytest.raises(TooManyPixelsError):
        normalise(data)
    assert normalise(fit(data)).width == 512


def test_a_picture_that_would_fill_the_memory_is_not_decoded(monkeypatch):
    decoded: list[Any] = []
    monkeypatch.setattr("headshot_cli.fit._converted", decoded.append)
    data = pictures.png_header(20_000, 20_000)
    assert (fit(data), decoded) == (data, [])


def test_a_file_that_the_api_accepts_is_unchanged():
    data = pictures.encode(painted())
    assert fit(data) == data
    assert MAX_BYTES == limits.MAX_BYTES


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "AVIF"])
def test_formats_that_the_api_rejects_are_converted(kind):
    picture = pictures.corners((300, 400))
    with pytest.raises(UnsupportedFormatError):
        normalise(pictures.encode(picture, kind))
    photo, expected = (
        Image.open(io.BytesIO(normalise(file).jpeg))
        for file in (fit(pictures.encode(picture, kind)), pictures.encode(picture))
    )
    assert photo.size == expected.size == (300, 300)
    assert max(ImageStat.Stat(ImageChops.difference(photo, expected)).mean) < 2


def test_an_unreadable_file_is_unchanged():
    data = b"II*\0" + bytes(5_000_000)
    assert fit(data) == data


def test_a_file_that_crashes_a_decoder_is_unchanged():
    avif = pictures.encode(painted(size=(300, 400)), "AVIF")
    pixels = avif.index(b"mdat") + 4
    broken = avif[:pixels] + bytes(len(avif) - pixels)
    with pytest.raises(RuntimeError), Image.open(io.BytesIO(broken)) as picture:
        picture.load()
    assert fit(broken) == broken


@pytest.mark.parametrize("error", [MemoryError, RuntimeError, EOFError])
def test_a_file_is_unchanged_after_any_exception(error, monkeypatch):
    def fail(*_args, **_options):
        raise error

    monkeypatch.setattr(Image, "open", fail)
    assert fit(b"a file") == b"a file"
