import random
import re
import struct
import zlib

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from headshot import imaging
from headshot.imaging import Gravity, limits
from headshot.imaging.errors import BrokenImageError
from local import portrait
from tests import bombs, pictures


def read(photo: imaging.Photo) -> Image.Image:
    image = pictures.read_clean(photo.jpeg)
    assert image.size == (photo.width, photo.height)
    return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_every_accepted_format_becomes_a_square_jpeg_of_512_pixels(kind):
    photo = imaging.normalise(pictures.encode(portrait.draw("Ada", (600, 800)), kind))
    assert read(photo).size == (512, 512)


def test_a_smaller_picture_is_not_blown_up():
    assert read(imaging.normalise(pictures.plain(size=(100, 80)))).size == (80, 80)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_upright(orientation):
    photo = read(imaging.normalise(pictures.turned(orientation)))
    spots = [photo.getpixel(spot) for spot in [(64, 64), (448, 64), (64, 448), (448, 448)]]
    for found, expected in zip(spots, [pictures.RED, pictures.GREEN, pictures.BLUE, pictures.YELLOW], strict=True):
        pictures.assert_close(found, expected)


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
    pictures.assert_close(read(photo).getpixel((48, 48)), expected)


@pytest.mark.parametrize(("transform", "expected"), [(0, (200, 128, 128)), (2, (55, 55, 55))])
def test_the_inks_of_an_adobe_jpeg_are_read_as_cmyk_or_as_ycck(transform, expected):
    jpeg = pictures.plain((55, 127, 127, 0), mode="CMYK", kind="JPEG")
    adobe = jpeg.index(b"Adobe")
    photo = imaging.normalise(jpeg[: adobe + 11] + bytes([transform]) + jpeg[adobe + 12 :])
    pictures.assert_close(read(photo).getpixel((48, 48)), expected)


@pytest.mark.parametrize("colour_type", [0, 2, 4, 6])
def test_sixteen_bits_are_scaled_and_not_clipped(colour_type):
    photo = imaging.normalise(bombs.png_of_bytes((64, 64), 16, colour_type, 0xC0))
    grey = 0xC0 if colour_type in {0, 2} else 0xC0 * 0xC0 // 255 + 255 - 0xC0
    pictures.assert_close(read(photo).getpixel((32, 32)), (grey, grey, grey))


@pytest.mark.parametrize("alpha", [0, 128])
def test_transparency_lets_white_through_and_hides_what_is_under_it(alpha):
    photo = imaging.normalise(pictures.plain((255, 0, 0, alpha), mode="RGBA"))
    rest = 255 - alpha
    pictures.assert_close(read(photo).getpixel((48, 48)), (255, rest, rest))


def test_one_transparent_colour_of_a_palette_becomes_white():
    picture = Image.new("P", (96, 96), 0)
    picture.putpalette([255, 0, 0])
    photo = imaging.normalise(pictures.encode(picture, "PNG", transparency=0))
    pictures.assert_close(read(photo).getpixel((48, 48)), (255, 255, 255))


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
    pictures.assert_close(read(photo).getpixel((32, 32)), (255, 255, 255))


@pytest.mark.parametrize("name", [name for name in TRANSPARENT_COLOURS if not name.startswith("1-")])
def test_no_other_colour_becomes_white(name):
    photo = imaging.normalise(with_transparent_colour(name, 0x201 if name.startswith("16") else 2))
    pictures.assert_close(read(photo).getpixel((32, 32)), (85, 85, 85))


def test_only_the_transparent_colour_of_sixteen_bits_of_grey_becomes_white():
    row = struct.pack("<96H", *([0x4001] * 48 + [0x4000] * 48))
    grey = Image.frombytes("I;16", (96, 96), row * 96)
    photo = read(imaging.normalise(pictures.encode(grey, "PNG", transparency=0x4000)))
    pictures.assert_close(photo.getpixel((24, 48)), (64, 64, 64))
    pictures.assert_close(photo.getpixel((72, 48)), (255, 255, 255))


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
def test_a_jpeg_whose_end_marker_alone_is_missing_is_whole(name, lost):
    assert imaging.normalise(ENDLESS[name][:-lost]) == imaging.normalise(ENDLESS[name])


@pytest.mark.parametrize("lost", [5, 10, 20, 100, 1000])
@pytest.mark.parametrize("name", ENDLESS)
def test_a_jpeg_whose_last_pixels_are_missing_is_rejected(name, lost):
    with pytest.raises(BrokenImageError):
        imaging.normalise(ENDLESS[name][:-lost])


def test_a_jpeg_that_was_cut_off_and_given_an_end_is_grey_below():
    red = pictures.encode(Image.new("RGB", (96, 192), pictures.RED), subsampling=0)
    photo = read(imaging.normalise(red[:-80] + b"\xff\xd9", Gravity.BOTTOM))
    pictures.assert_close(photo.getpixel((48, 90)), (128, 128, 128))


def test_a_progressive_jpeg_without_its_end_is_rejected_since_scans_may_be_missing():
    with pytest.raises(BrokenImageError):
        imaging.normalise(pictures.encode(Image.effect_noise((300, 300), 60), progressive=True)[:-2])


def test_a_jpeg_without_its_end_is_rejected_if_it_would_take_too_long_to_decode_it_twice(monkeypatch):
    monkeypatch.setattr("headshot.imaging.jpeg.MAX_PIXELS_WITHOUT_END", 300 * 300 - 1)
    with pytest.raises(BrokenImageError):
        imaging.normalise(ENDLESS["noise"][:-2])


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_the_end_marker_of_other_formats_may_be_missing(kind):
    whole = pictures.encode(portrait.draw("Ada", (400, 500)), kind)
    lost = {"PNG": 12, "GIF": 1}[kind]
    assert imaging.normalise(whole[:-lost]) == imaging.normalise(whole)


@pytest.mark.parametrize("kind", [b"PLTE", b"tRNS"])
def test_a_damaged_chunk_that_no_pixel_needs_does_not_cost_a_png(kind):
    chunk = bombs.png_chunk(kind, bytes(768))[:-1] + b"?"
    png = pictures.plain(mode="RGBA")
    assert read(imaging.normalise(png[:33] + chunk + png[33:]))


@pytest.mark.parametrize("name", ["2-bit grey", "16-bit grey", "8-bit colour"])
def test_a_damaged_transparent_colour_is_rejected(name):
    png = with_transparent_colour(name)
    end = png.index(b"IDAT") - 5
    with pytest.raises(BrokenImageError):
        imaging.normalise(png[:end] + bytes([png[end] ^ 1]) + png[end + 1 :])


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_another_colour_space_is_converted_to_srgb(mode):
    red = Image.new("RGB", (96, 96), pictures.RED).convert(mode)
    data = pictures.encode(red, "PNG", icc_profile=pictures.icc_profile_with_red_and_green_swapped())
    pictures.assert_close(read(imaging.normalise(data)).getpixel((48, 48)), pictures.GREEN)


def test_a_profile_that_does_not_fit_is_left_alone():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    red = Image.new("RGB", (96, 96), pictures.RED)
    data = pictures.encode(red, "PNG", icc_profile=lab)
    pictures.assert_close(read(imaging.normalise(data)).getpixel((48, 48)), pictures.RED)


def padded(profile: bytes, size: int) -> bytes:
    """Lengthen an ICC profile by bytes that no tag points to, and say so in its header (ICC.1 §7.2)."""
    noise = random.Random(0).randbytes(4096) * (size // 4096 + 1)
    return size.to_bytes(4) + (profile[4:] + noise)[: size - 4]


@pytest.mark.parametrize("size", [1_100_000, limits.MAX_ICC_BYTES])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_large_profile_counts_in_every_format(kind, size):
    profile = padded(pictures.icc_profile_with_red_and_green_swapped(), size)
    data = pictures.encode(Image.new("RGB", (96, 96), pictures.RED), kind, icc_profile=profile)
    pictures.assert_close(read(imaging.normalise(data)).getpixel((48, 48)), pictures.GREEN)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_profile_over_the_limit_is_left_alone(kind):
    profile = padded(pictures.icc_profile_with_red_and_green_swapped(), limits.MAX_ICC_BYTES + 1)
    data = pictures.encode(Image.new("RGB", (96, 96), pictures.RED), kind, icc_profile=profile)
    pictures.assert_close(read(imaging.normalise(data)).getpixel((48, 48)), pictures.RED)


PROFILE = zlib.compress(pictures.icc_profile_with_red_and_green_swapped())
DAMAGED_PROFILES = {
    "checksum": bombs.png_chunk(b"iCCP", b"name\0\0" + PROFILE)[:-4] + b"\0\0\0\0",
    "no name": bombs.png_chunk(b"iCCP", PROFILE),
    "nothing": bombs.png_chunk(b"iCCP"),
    "other compression": bombs.png_chunk(b"iCCP", b"name\0\x01" + PROFILE),
    "no compression": bombs.png_chunk(b"iCCP", b"name\0\0" + b"no zlib"),
    "cut off": bombs.png_chunk(b"iCCP", b"name\0\0" + PROFILE[:100]),
    "a bomb": bombs.png_chunk(b"iCCP", b"name\0\0" + bombs.zeros(60_000_000)),
}


@pytest.mark.parametrize("damage", DAMAGED_PROFILES)
def test_a_damaged_profile_does_not_cost_a_png(damage):
    photo = read(imaging.normalise(bombs.png_with_chunks(DAMAGED_PROFILES[damage])))
    assert photo.getpixel((48, 48)) == pictures.read_clean(imaging.normalise(pictures.plain()).jpeg).getpixel((48, 48))


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
def test_a_segment_that_is_too_short_does_not_cost_a_jpeg(segment):
    data = pictures.encode(pictures.corners(), icc_profile=pictures.icc_profile_with_red_and_green_swapped())
    assert imaging.normalise(data[:2] + segment + data[2:]).width == 512


def test_the_parts_of_a_profile_are_joined_in_their_order():
    profile = padded(pictures.icc_profile_with_red_and_green_swapped(), 100_000)
    data = pictures.encode(Image.new("RGB", (96, 96), pictures.RED), icc_profile=profile)
    first, second = (match.start() for match in re.finditer(rb"\xff\xe2..ICC_PROFILE", data, re.DOTALL))
    end = second + 2 + int.from_bytes(data[second + 2 : second + 4])
    turned = data[:first] + data[second:end] + data[first:second] + data[end:]
    pictures.assert_close(read(imaging.normalise(turned)).getpixel((48, 48)), pictures.GREEN)
    pictures.assert_close(read(imaging.normalise(data[:second] + data[end:])).getpixel((48, 48)), pictures.RED)


@pytest.mark.parametrize("error", [RuntimeError, MemoryError, ImageCms.PyCMSError])
def test_a_profile_that_the_colour_library_fails_over_is_left_alone(error, monkeypatch):
    def fail(*_args, **_options):
        raise error

    monkeypatch.setattr(ImageCms, "profileToProfile", fail)
    red = Image.new("RGB", (96, 96), pictures.RED)
    data = pictures.encode(red, "PNG", icc_profile=pictures.icc_profile_with_red_and_green_swapped())
    pictures.assert_close(read(imaging.normalise(data)).getpixel((48, 48)), pictures.RED)


def test_broken_exif_and_broken_icc_do_not_cost_the_picture():
    photo = pictures.encode(pictures.corners(), exif=b"Exif\0\0II*\0\xff\xff\xff\xff", icc_profile=b"not a profile")
    assert read(imaging.normalise(photo)).size == (512, 512)


def test_no_metadata_survives():
    chunks = PngImagePlugin.PngInfo()
    chunks.add_text("Comment", "<?php secret ?>")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for data in (
        portrait.jpeg("Ada"),
        pictures.encode(pictures.corners(), comment=b"<?php secret ?>", icc_profile=profile, dpi=(300, 300)),
        pictures.encode(pictures.corners(), "PNG", pnginfo=chunks),
        pictures.encode(pictures.corners(), "GIF", comment=b"<?php secret ?>"),
    ):
        photo = imaging.normalise(data)
        assert read(photo)
        assert b"secret" not in photo.jpeg
        assert b"Ada" not in photo.jpeg


def test_the_same_picture_has_the_same_version_and_another_has_another():
    first, again, other = (imaging.normalise(portrait.jpeg(name)) for name in ("Ada", "Ada", "Grace"))
    assert first == again
    assert first.version != other.version
    assert len(first.version) == 32


def test_only_the_first_frame_of_an_animation_counts():
    frames = [Image.new("RGB", (96, 96), colour) for colour in (pictures.RED, pictures.BLUE)]
    photo = imaging.normalise(pictures.encode(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    pictures.assert_close(read(photo).getpixel((48, 48)), pictures.RED)
