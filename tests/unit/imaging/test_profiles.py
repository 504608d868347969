"""ICC profiles."""

import random
import re
import zlib

import pytest
from PIL import Image, ImageCms

from headshot import imaging
from headshot.imaging import limits
from tests import bombs, pictures
from tests.pictures import read_photo


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_another_colour_space_is_converted_to_srgb(mode):
    red = Image.new("RGB", (96, 96), pictures.RED).convert(mode)
    data = pictures.encode(red, "PNG", icc_profile=pictures.icc_profile_with_red_and_green_swapped())
    pictures.assert_close(read_photo(imaging.normalise(data)).getpixel((48, 48)), pictures.GREEN)


def test_a_profile_for_another_colour_model_is_ignored():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    red = Image.new("RGB", (96, 96), pictures.RED)
    data = pictures.encode(red, "PNG", icc_profile=lab)
    pictures.assert_close(read_photo(imaging.normalise(data)).getpixel((48, 48)), pictures.RED)


def padded(profile: bytes, size: int) -> bytes:
    """Lengthen an ICC profile by bytes that no tag points to, and say so in its header (ICC.1 §7.2)."""
    noise = random.Random(0).randbytes(4096) * (size // 4096 + 1)
    return size.to_bytes(4) + (profile[4:] + noise)[: size - 4]


@pytest.mark.parametrize("size", [1_100_000, limits.MAX_ICC_BYTES])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_large_profile_is_applied_in_every_format(kind, size):
    profile = padded(pictures.icc_profile_with_red_and_green_swapped(), size)
    data = pictures.encode(Image.new("RGB", (96, 96), pictures.RED), kind, icc_profile=profile)
    pictures.assert_close(read_photo(imaging.normalise(data)).getpixel((48, 48)), pictures.GREEN)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_profile_over_the_limit_is_ignored(kind):
    profile = padded(pictures.icc_profile_with_red_and_green_swapped(), limits.MAX_ICC_BYTES + 1)
    data = pictures.encode(Image.new("RGB", (96, 96), pictures.RED), kind, icc_profile=profile)
    pictures.assert_close(read_photo(imaging.normalise(data)).getpixel((48, 48)), pictures.RED)


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
def test_a_png_with_a_damaged_profile_is_accepted_without_it(damage):
    photo = read_photo(imaging.normalise(bombs.png_with_chunks(DAMAGED_PROFILES[damage])))
    assert photo.getpixel((48, 48)) == pictures.read_clean(imaging.normalise(pictures.plain()).jpeg).getpixel((48, 48))


def test_the_parts_of_a_profile_are_joined_in_their_order():
    profile = padded(pictures.icc_profile_with_red_and_green_swapped(), 100_000)
    data = pictures.encode(Image.new("RGB", (96, 96), pictures.RED), icc_profile=profile)
    first, second = (match.start() for match in re.finditer(rb"\xff\xe2..ICC_PROFILE", data, re.DOTALL))
    end = second + 2 + int.from_bytes(data[second + 2 : second + 4])
    turned = data[:first] + data[second:end] + data[first:second] + data[end:]
    pictures.assert_close(read_photo(imaging.normalise(turned)).getpixel((48, 48)), pictures.GREEN)
    pictures.assert_close(read_photo(imaging.normalise(data[:second] + data[end:])).getpixel((48, 48)), pictures.RED)


@pytest.mark.parametrize("error", [RuntimeError, MemoryError, ImageCms.PyCMSError])
def test_a_profile_that_fails_in_the_colour_library_is_ignored(error, monkeypatch):
    def fail(*_args, **_options):
        raise error

    monkeypatch.setattr(ImageCms, "profileToProfile", fail)
    red = Image.new("RGB", (96, 96), pictures.RED)
    data = pictures.encode(red, "PNG", icc_profile=pictures.icc_profile_with_red_and_green_swapped())
    pictures.assert_close(read_photo(imaging.normalise(data)).getpixel((48, 48)), pictures.RED)


def test_a_picture_with_broken_exif_and_a_broken_profile_is_accepted():
    photo = pictures.encode(pictures.corners(), exif=b"Exif\0\0II*\0\xff\xff\xff\xff", icc_profile=b"not a profile")
    assert read_photo(imaging.normalise(photo)).size == (512, 512)
