import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from headshot import imaging
from headshot.imaging import Gravity, InvalidCropError, Square
from headshot.imaging.crop import in_stored, place
from tests import pictures

sides = st.integers(64, 5000)


@pytest.mark.parametrize(
    ("size", "gravity", "expected"),
    [
        ((300, 300), Gravity.UPPER_THIRD, Square(0, 0, 300)),
        ((400, 300), Gravity.UPPER_THIRD, Square(50, 0, 300)),
        ((300, 400), Gravity.UPPER_THIRD, Square(0, 0, 300)),
        ((300, 600), Gravity.UPPER_THIRD, Square(0, 50, 300)),
        ((300, 400), Gravity.CENTRE, Square(0, 50, 300)),
        ((300, 400), Gravity.TOP, Square(0, 0, 300)),
        ((300, 400), Gravity.BOTTOM, Square(0, 100, 300)),
        ((400, 300), Gravity.LEFT, Square(0, 0, 300)),
        ((400, 300), Gravity.RIGHT, Square(100, 0, 300)),
        ((400, 300), Gravity.TOP, Square(50, 0, 300)),
    ],
)
def test_gravity_places_the_square(size, gravity, expected):
    width, height = size
    assert place(width, height, gravity) == expected


@given(sides, sides, st.sampled_from(Gravity))
def test_the_square_is_always_the_largest_that_fits(width, height, gravity):
    square = place(width, height, gravity)
    assert square.side == min(width, height)
    assert 0 <= square.left <= width - square.side
    assert 0 <= square.top <= height - square.side


@pytest.mark.parametrize("square", [Square(-1, 0, 64), Square(0, 237, 64), Square(337, 0, 64), Square(0, 0, 63)])
def test_a_square_that_is_not_inside_the_picture_or_too_small_is_rejected(square):
    with pytest.raises(InvalidCropError, match="inside the picture, which is 400 × 300"):
        place(400, 300, square)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_square_is_meant_in_the_upright_picture(orientation):
    red = imaging.normalise(pictures.turned(orientation), Square(0, 0, 200))
    yellow = imaging.normalise(pictures.turned(orientation), Square(440, 440, 200))
    blue = imaging.normalise(pictures.turned(orientation), Square(0, 440, 200))
    for photo, expected in ((red, pictures.RED), (yellow, pictures.YELLOW), (blue, pictures.BLUE)):
        pictures.assert_close(pictures.read_clean(photo.jpeg).getpixel((100, 100)), expected)


@given(sides, sides, st.integers(1, 8), st.data())
def test_a_square_in_the_picture_is_one_in_the_stored_picture(width, height, orientation, data):
    upright = (height, width) if orientation >= 5 else (width, height)
    side = data.draw(st.integers(64, min(upright)))
    square = Square(data.draw(st.integers(0, upright[0] - side)), data.draw(st.integers(0, upright[1] - side)), side)
    stored = in_stored(square, width, height, orientation)
    assert place(width, height, stored) == stored


def test_a_head_at_the_top_of_a_portrait_stays_in_the_picture():
    picture = Image.new("RGB", (600, 800), "white")
    picture.paste(pictures.RED, (200, 20, 400, 260))
    photo = pictures.read_clean(imaging.normalise(pictures.encode(picture, "PNG")).jpeg)
    pictures.assert_close(photo.getpixel((256, 30)), pictures.RED)
