import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from headshot import imaging
from headshot.problems import BrokenImage, ImageTooLarge, ImageTooSmall, Problem, TooManyPixels, UnsupportedFormat
from local import portrait
from tests import pictures

SOF2, APP0, COM = 0xC2, 0xE0, 0xFE


def read(photo: imaging.Photo) -> Image.Image:
    image = Image.open(io.BytesIO(photo.jpeg), formats=["JPEG"])
    image.load()
    assert image.mode == "RGB"
    assert image.size == (photo.width, photo.height)
    return image


def assert_close(found, expected, tolerance=6):
    assert all(abs(a - b) <= tolerance for a, b in zip(found, expected, strict=True)), (found, expected)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_every_accepted_format_becomes_a_square_jpeg_of_512_pixels(kind):
    photo = imaging.normalise(pictures.encode(portrait.draw("Ada", (600, 800)), kind))
    assert read(photo).size == (512, 512)


def test_a_smaller_picture_is_not_blown_up():
    assert read(imaging.normalise(pictures.plain(size=(100, 80)))).size == (80, 80)


def test_the_middle_is_kept():
    picture = Image.new("RGB", (900, 300), "white")
    picture.paste(pictures.RED, (300, 0, 600, 300))
    photo = read(imaging.normalise(pictures.encode(picture, "PNG")))
    assert_close(photo.getpixel((20, 150)), pictures.RED)
    assert_close(photo.getpixel((280, 150)), pictures.RED)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_upright(orientation):
    photo = read(imaging.normalise(pictures.turned(orientation)))
    spots = [photo.getpixel(spot) for spot in [(64, 64), (448, 64), (64, 448), (448, 448)]]
    for found, expected in zip(spots, [pictures.RED, pictures.GREEN, pictures.BLUE, pictures.YELLOW], strict=True):
        assert_close(found, expected)


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
    assert_close(read(photo).getpixel((48, 48)), expected)


@pytest.mark.parametrize("alpha", [0, 128])
def test_transparency_lets_white_through_and_hides_what_is_under_it(alpha):
    photo = imaging.normalise(pictures.plain((255, 0, 0, alpha), mode="RGBA"))
    rest = 255 - alpha
    assert_close(read(photo).getpixel((48, 48)), (255, rest, rest))


def test_one_transparent_colour_of_a_palette_becomes_white():
    picture = Image.new("P", (96, 96), 0)
    picture.putpalette([255, 0, 0])
    photo = imaging.normalise(pictures.encode(picture, "PNG", transparency=0))
    assert_close(read(photo).getpixel((48, 48)), (255, 255, 255))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_another_colour_space_is_converted_to_srgb(mode):
    red = Image.new("RGB", (96, 96), pictures.RED).convert(mode)
    data = pictures.encode(red, "PNG", icc_profile=pictures.icc_profile_with_red_and_green_swapped())
    assert_close(read(imaging.normalise(data)).getpixel((48, 48)), pictures.GREEN)


def test_a_profile_that_does_not_fit_is_left_alone():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    red = Image.new("RGB", (96, 96), pictures.RED)
    data = pictures.encode(red, "PNG", icc_profile=lab)
    assert_close(read(imaging.normalise(data)).getpixel((48, 48)), pictures.RED)


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
        jpeg = imaging.normalise(data).jpeg
        markers = pictures.jpeg_markers(jpeg)
        assert [marker for marker in markers if marker & 0xF0 == 0xE0] == [APP0]
        assert COM not in markers
        assert SOF2 in markers
        assert b"secret" not in jpeg
        assert b"Ada" not in jpeg


def test_the_same_picture_has_the_same_version_and_another_has_another():
    first, again, other = (imaging.normalise(portrait.jpeg(name)) for name in ("Ada", "Ada", "Grace"))
    assert first == again
    assert first.version != other.version
    assert len(first.version) == 32


def test_only_the_first_frame_of_an_animation_counts():
    frames = [Image.new("RGB", (96, 96), colour) for colour in (pictures.RED, pictures.BLUE)]
    photo = imaging.normalise(pictures.encode(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert_close(read(photo).getpixel((48, 48)), pictures.RED)


@pytest.mark.parametrize(
    ("data", "problem", "words"),
    [
        (b"", UnsupportedFormat, "JPEG, PNG, WebP or GIF"),
        (b"%PDF-1.7 and so on", UnsupportedFormat, "JPEG, PNG, WebP or GIF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", UnsupportedFormat, "JPEG, PNG, WebP or GIF"),
        (pictures.encode(pictures.corners(), "BMP"), UnsupportedFormat, "JPEG, PNG, WebP or GIF"),
        (pictures.png_header(100_000, 100_000), TooManyPixels, "100000 × 100000"),
        (pictures.plain(size=(63, 200)), ImageTooSmall, "63 × 200"),
        (b"\xff\xd8\xff" + bytes(imaging.MAX_BYTES), ImageTooLarge, "4,500,003 bytes"),
    ],
)
def test_a_refusal_says_what_is_wrong(data, problem, words):
    with pytest.raises(problem) as refused:
        imaging.normalise(data)
    assert words in refused.value.detail


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("quarter", [1, 2, 3])
def test_a_picture_that_is_cut_off_is_refused(kind, quarter):
    whole = pictures.encode(portrait.draw("Ada", (300, 400)), kind)
    with pytest.raises((BrokenImage, UnsupportedFormat)):
        imaging.normalise(whole[: len(whole) * quarter // 4])


@given(st.binary(max_size=300), st.sampled_from([b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF"]))
def test_any_bytes_are_refused_and_nothing_else_happens(rest, start):
    with pytest.raises(Problem):
        imaging.normalise(start + rest)
