"""Files that are damaged or end early."""

import pytest
from PIL import Image

from headshot import imaging
from headshot.imaging import Gravity
from headshot.imaging.errors import BrokenImageError
from local import portrait
from tests import bombs, pictures
from tests.pictures import read_photo
from tests.unit.imaging.test_colours import with_transparent_colour

ENDLESS = {
    "portrait": pictures.encode(portrait.draw("Ada", (400, 500))),
    "noise": pictures.encode(Image.effect_noise((300, 300), 60).convert("RGB"), quality=95),
    "grey": pictures.encode(Image.effect_noise((300, 300), 60)),
    "ink": pictures.encode(portrait.draw("Ada", (400, 500)).convert("CMYK")),
    "restarts": pictures.encode(portrait.draw("Ada", (400, 500)), restart_marker_rows=2),
    "large": pictures.encode(Image.effect_noise((2000, 1500), 60).convert("RGB")),
}


@pytest.mark.parametrize("lost", [1, 2])
@pytest.mark.parametrize("name", ENDLESS)
def test_a_jpeg_that_lacks_only_its_end_marker_is_accepted(name, lost):
    assert imaging.normalise(ENDLESS[name][:-lost]) == imaging.normalise(ENDLESS[name])


@pytest.mark.parametrize("lost", [5, 10, 20, 100, 1000])
@pytest.mark.parametrize("name", ENDLESS)
def test_a_jpeg_that_lacks_its_last_pixels_is_rejected(name, lost):
    with pytest.raises(BrokenImageError):
        imaging.normalise(ENDLESS[name][:-lost])


def test_a_jpeg_that_was_cut_off_and_given_an_end_marker_is_grey_at_the_bottom():
    red = pictures.encode(Image.new("RGB", (96, 192), pictures.RED), subsampling=0)
    photo = read_photo(imaging.normalise(red[:-80] + b"\xff\xd9", Gravity.BOTTOM))
    pictures.assert_close(photo.getpixel((48, 90)), (128, 128, 128))


def test_a_progressive_jpeg_without_end_marker_is_rejected_because_scans_may_be_missing():
    with pytest.raises(BrokenImageError):
        imaging.normalise(pictures.encode(Image.effect_noise((300, 300), 60), progressive=True)[:-2])


def test_a_jpeg_without_end_marker_is_rejected_if_decoding_it_twice_would_take_too_long(monkeypatch):
    monkeypatch.setattr("headshot.imaging.jpeg.MAX_PIXELS_WITHOUT_END", 300 * 300 - 1)
    with pytest.raises(BrokenImageError):
        imaging.normalise(ENDLESS["noise"][:-2])


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_the_end_marker_of_other_formats_may_be_missing(kind):
    whole = pictures.encode(portrait.draw("Ada", (400, 500)), kind)
    lost = {"PNG": 12, "GIF": 1}[kind]
    assert imaging.normalise(whole[:-lost]) == imaging.normalise(whole)


@pytest.mark.parametrize("kind", [b"PLTE", b"tRNS"])
def test_a_png_with_a_damaged_chunk_that_no_pixel_needs_is_accepted(kind):
    chunk = bombs.png_chunk(kind, bytes(768))[:-1] + b"?"
    png = pictures.plain(mode="RGBA")
    assert read_photo(imaging.normalise(png[:33] + chunk + png[33:]))


@pytest.mark.parametrize("name", ["2-bit grey", "16-bit grey", "8-bit colour"])
def test_a_damaged_transparent_colour_is_rejected(name):
    png = with_transparent_colour(name)
    end = png.index(b"IDAT") - 5
    with pytest.raises(BrokenImageError):
        imaging.normalise(png[:end] + bytes([png[end] ^ 1]) + png[end + 1 :])


@pytest.mark.parametrize(
    "segment",
    [
        bombs.jpeg_segment(0xE0, b"JFIF\0"),
        bombs.jpeg_segment(0xE0, b"JFIF\0\x01"),
        bombs.jpeg_segment(0xE2, b"ICC_PROFILE\0"),
        bombs.jpeg_segment(0xE2, b"ICC_PROFILE\0\x01"),
        bombs.jpeg_segment(0xEE, b"Adobe"),
        bombs.jpeg_segment(0xEE, b"Adobe\0"),
    ],
    ids=["JFIF", "JFIF with half a version", "profile", "profile's number", "Adobe", "Adobe with half a version"],
)
def test_a_jpeg_with_a_segment_that_is_too_short_is_accepted(segment):
    data = pictures.encode(pictures.corners(), icc_profile=pictures.icc_profile_with_red_and_green_swapped())
    assert imaging.normalise(data[:2] + segment + data[2:]).width == 512
