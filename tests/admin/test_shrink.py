"""Pictures over the API's limits: the photo that is made of what is left is that of the whole picture."""

import io
from typing import Any

import pytest
from PIL import ExifTags, Image, ImageChops, ImageStat

from admin.shrink import MAX_BYTES, shrink
from headshot.imaging import limits, normalise
from headshot.imaging.limits import MAX_PIXELS
from headshot.problems import TooManyPixels
from tests import pictures

LARGE = (1500, 2100)


def painted(mode: str = "RGB", size: tuple[int, int] = LARGE) -> Image.Image:
    """Draw the corners, unlike in every way that a picture can be turned, and a slope from dark to bright."""
    slope = Image.linear_gradient("L").resize(size)
    return Image.blend(pictures.corners(size), Image.merge("RGB", [slope] * 3), 0.5).convert(mode)


def see_through() -> Image.Image:
    """Draw the same, fading out to the right."""
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
}


@pytest.mark.parametrize("name", FILES)
def test_a_large_picture_becomes_smaller_and_its_photo_stays_the_same(name, monkeypatch):
    monkeypatch.setattr("admin.shrink._MAX_PIXELS", 3_000_000)
    data = FILES[name]()
    smaller = shrink(data)
    assert len(smaller) <= MAX_BYTES
    with Image.open(io.BytesIO(smaller)) as picture:
        assert min(picture.size) == 1024
    photo, expected = (Image.open(io.BytesIO(normalise(file).jpeg)) for file in (smaller, data))
    assert photo.size == expected.size == (512, 512)
    difference = ImageStat.Stat(ImageChops.difference(photo, expected))
    assert max(difference.mean) < 2, difference.mean


@pytest.mark.parametrize(("kind", "pixels"), MAX_PIXELS.items())
def test_what_has_more_pixels_than_the_api_takes_is_made_smaller(kind, pixels):
    data = pictures.plain(size=(5000, pixels // 5000 + 1), mode="L", kind=kind)
    with pytest.raises(TooManyPixels):
        normalise(data)
    assert normalise(shrink(data)).width == 512


def test_what_the_api_takes_is_left_as_it_is():
    data = pictures.encode(painted())
    assert shrink(data) == data
    assert MAX_BYTES == limits.MAX_BYTES


def test_what_cannot_be_read_is_left_for_the_api_to_judge():
    data = b"II*\0" + bytes(5_000_000)
    assert shrink(data) == data
