"""Colours, depths and transparency."""

import struct

import pytest
from PIL import Image

from headshot import imaging
from tests import bombs, pictures
from tests.pictures import read_photo


@pytest.mark.parametrize(
    ("mode", "kind", "colour", "expected"),
    [
        ("1", "PNG", 1, (255, 255, 255)),
        ("L", "PNG", 120, (120, 120, 120)),
        ("LA", "PNG", (120, 255), (120, 120, 120)),
        ("P", "GIF", 0, (0, 0, 0)),
        ("RGBA", "PNG", (10, 200, 30, 255), (10, 200, 30)),
        ("I;16", "PNG", 0x8000, (128, 128, 128)),
        ("CMYK", "JPEG", (0, 255, 255, 0), (255, 0, 0)),
        ("YCbCr", "JPEG", (128, 128, 128), (128, 128, 128)),
    ],
)
def test_every_colour_mode_keeps_its_colours(mode, kind, colour, expected):
    photo = imaging.normalise(pictures.plain(colour, mode=mode, kind=kind))
    pictures.assert_close(read_photo(photo).getpixel((48, 48)), expected)


@pytest.mark.parametrize(("transform", "expected"), [(0, (200, 128, 128)), (2, (55, 55, 55))])
def test_the_inks_of_an_adobe_jpeg_are_read_as_cmyk_or_as_ycck(transform, expected):
    jpeg = pictures.plain((55, 127, 127, 0), mode="CMYK", kind="JPEG")
    adobe = jpeg.index(b"Adobe")
    photo = imaging.normalise(jpeg[: adobe + 11] + bytes([transform]) + jpeg[adobe + 12 :])
    pictures.assert_close(read_photo(photo).getpixel((48, 48)), expected)


@pytest.mark.parametrize("colour_type", [0, 2, 4, 6])
def test_sixteen_bits_are_scaled_and_not_clipped(colour_type):
    photo = imaging.normalise(bombs.png_of_bytes((64, 64), 16, colour_type, 0xC0))
    grey = 0xC0 if colour_type in {0, 2} else 0xC0 * 0xC0 // 255 + 255 - 0xC0
    pictures.assert_close(read_photo(photo).getpixel((32, 32)), (grey, grey, grey))


@pytest.mark.parametrize("alpha", [0, 128])
def test_transparent_pixels_become_white_whatever_their_colour(alpha):
    photo = imaging.normalise(pictures.plain((255, 0, 0, alpha), mode="RGBA"))
    rest = 255 - alpha
    pictures.assert_close(read_photo(photo).getpixel((48, 48)), (255, rest, rest))


def test_one_transparent_colour_of_a_palette_becomes_white():
    picture = Image.new("P", (96, 96), 0)
    picture.putpalette([255, 0, 0])
    photo = imaging.normalise(pictures.encode(picture, "PNG", transparency=0))
    pictures.assert_close(read_photo(photo).getpixel((48, 48)), (255, 255, 255))


TRANSPARENT_COLOURS = {
    "1-bit grey": (1, 0, 0xFF, [1]),
    "2-bit grey": (2, 0, 0b01010101, [1]),
    "4-bit grey": (4, 0, 0x55, [5]),
    "8-bit grey": (8, 0, 0x55, [0x55]),
    "16-bit grey": (16, 0, 0x55, [0x5555]),
    "8-bit colour": (8, 2, 0x55, [0x55] * 3),
    "16-bit colour": (16, 2, 0x55, [0x5501, 0x5555, 0x55FF]),
}


def with_transparent_colour(name, difference=0):
    depth, colour_type, byte, colour = TRANSPARENT_COLOURS[name]
    png = bombs.png_of_bytes((64, 64), depth, colour_type, byte)
    levels = [level ^ difference for level in colour]
    return png[:33] + bombs.png_chunk(b"tRNS", struct.pack(f">{len(levels)}H", *levels)) + png[33:]


@pytest.mark.parametrize("name", TRANSPARENT_COLOURS)
def test_one_transparent_colour_becomes_white_at_every_depth(name):
    photo = imaging.normalise(with_transparent_colour(name))
    pictures.assert_close(read_photo(photo).getpixel((32, 32)), (255, 255, 255))


@pytest.mark.parametrize("name", [name for name in TRANSPARENT_COLOURS if not name.startswith("1-")])
def test_no_other_colour_becomes_white(name):
    photo = imaging.normalise(with_transparent_colour(name, 0x201 if name.startswith("16") else 2))
    pictures.assert_close(read_photo(photo).getpixel((32, 32)), (85, 85, 85))


def test_only_the_transparent_colour_of_sixteen_bits_of_grey_becomes_white():
    row = struct.pack("<96H", *([0x4001] * 48 + [0x4000] * 48))
    grey = Image.frombytes("I;16", (96, 96), row * 96)
    photo = read_photo(imaging.normalise(pictures.encode(grey, "PNG", transparency=0x4000)))
    pictures.assert_close(photo.getpixel((24, 48)), (64, 64, 64))
    pictures.assert_close(photo.getpixel((72, 48)), (255, 255, 255))
