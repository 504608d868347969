"""From any accepted picture to a clean photo."""

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from headshot import imaging
from local import portrait
from tests import pictures
from tests.pictures import read_photo


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_every_accepted_format_becomes_a_square_jpeg_of_512_pixels(kind):
    photo = imaging.normalise(pictures.encode(portrait.draw("Ada", (600, 800)), kind))
    assert read_photo(photo).size == (512, 512)


def test_a_small_picture_is_not_scaled_up():
    assert read_photo(imaging.normalise(pictures.plain(size=(100, 80)))).size == (80, 80)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_upright(orientation):
    photo = read_photo(imaging.normalise(pictures.turned(orientation)))
    spots = [photo.getpixel(spot) for spot in [(64, 64), (448, 64), (64, 448), (448, 448)]]
    for found, expected in zip(spots, [pictures.RED, pictures.GREEN, pictures.BLUE, pictures.YELLOW], strict=True):
        pictures.assert_close(found, expected)


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
        assert read_photo(photo)
        assert b"secret" not in photo.jpeg
        assert b"Ada" not in photo.jpeg


def test_the_same_picture_has_the_same_version_and_another_has_another():
    first, again, other = (imaging.normalise(portrait.jpeg(name)) for name in ("Ada", "Ada", "Grace"))
    assert first == again
    assert first.version != other.version
    assert len(first.version) == 32


def test_only_the_first_frame_of_an_animation_is_used():
    frames = [Image.new("RGB", (96, 96), colour) for colour in (pictures.RED, pictures.BLUE)]
    photo = imaging.normalise(pictures.encode(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    pictures.assert_close(read_photo(photo).getpixel((48, 48)), pictures.RED)
