"""Which square of a picture is kept. Coordinates are pixels of the upright picture, as a person sees it."""

from dataclasses import dataclass
from enum import StrEnum

from headshot.imaging.errors import InvalidCropError
from headshot.imaging.limits import MIN_SIDE


class Gravity(StrEnum):
    """Where the square lies in a picture that is not one. UPPER_THIRD is the rule where nobody says otherwise."""

    UPPER_THIRD = "upper-third"
    CENTRE = "centre"
    TOP = "top"
    BOTTOM = "bottom"
    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Square:
    """A square by its upper left corner and its side, in pixels."""

    left: int
    top: int
    side: int


Crop = Gravity | Square


def place(width: int, height: int, crop: Crop) -> Square:
    """Give the square to keep of a picture of this size.

    Heads are in the upper part of a portrait, and a square out of its middle cuts them off. So in a picture that is
    taller than wide, the square's middle is on the line between the upper and the middle third, where portraits have
    the eyes, or as near to it as the square fits. A picture that is wider than tall keeps its middle.

    Raises
    ------
    InvalidCropError
        If a square is asked for that is not inside the picture, or smaller than what is accepted.
    """
    if isinstance(crop, Square):
        inside = 0 <= crop.left <= width - crop.side and 0 <= crop.top <= height - crop.side
        if not inside or crop.side < MIN_SIDE:
            raise InvalidCropError(
                f"A square of {crop.side} pixels at {crop.left}, {crop.top} does not fit. Choose one inside the"
                f" picture, which is {width} × {height} when upright, with at least {MIN_SIDE} pixels a side."
            )
        return crop
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    match crop:
        case Gravity.UPPER_THIRD:
            top = max(0, height // 3 - side // 2)
        case Gravity.TOP:
            top = 0
        case Gravity.BOTTOM:
            top = height - side
        case Gravity.LEFT:
            left = 0
        case Gravity.RIGHT:
            left = width - side
    return Square(left, top, side)


def in_stored(square: Square, width: int, height: int, orientation: int) -> Square:
    """Give the same square in the stored picture, of this size, which `orientation` turns upright."""
    left, top = square.left, square.top
    if orientation in {5, 6, 7, 8}:
        left, top = top, left
    if orientation in {2, 3, 7, 8}:
        left = width - left - square.side
    if orientation in {3, 4, 6, 7}:
        top = height - top - square.side
    return Square(left, top, square.side)
