"""Which square of a picture is kept. Coordinates are pixels of the upright picture, as a person sees it."""

from dataclasses import dataclass
from enum import StrEnum

from headshot.imaging.limits import MIN_SIDE
from headshot.problems import InvalidCrop


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


def parse_crop(gravity: str | None, crop: str | None) -> Crop:
    """Read a square as "left-top-side", or else a gravity's name, or else give the rule.

    Hyphens stand for themselves in a query; over commas, clients and AWS disagree when a request is signed.

    Raises
    ------
    InvalidCrop
        If it is neither.
    """
    try:
        if crop is not None:
            return Square(*map(int, crop.split("-")))
        return Gravity(gravity) if gravity is not None else Gravity.UPPER_THIRD
    except (ValueError, TypeError) as error:
        raise InvalidCrop(
            f"Say where to crop by one of gravity={'|'.join(Gravity)}, or by crop=left-top-side in pixels of the"
            " upright picture, or leave both out."
        ) from error


def place(width: int, height: int, crop: Crop) -> Square:
    """Give the square to keep of a picture of this size.

    Heads are in the upper part of a portrait, and a square out of its middle cuts them off. So in a picture that is
    taller than wide, the square's middle is on the line between the upper and the middle third, where portraits have
    the eyes, or as near to it as the square fits. A picture that is wider than tall keeps its middle.

    Raises
    ------
    InvalidCrop
        If a square is asked for that is not inside the picture, or smaller than what is accepted.
    """
    if isinstance(crop, Square):
        inside = 0 <= crop.left <= width - crop.side and 0 <= crop.top <= height - crop.side
        if not inside or crop.side < MIN_SIDE:
            raise InvalidCrop(
                f"A square of {crop.side} pixels at {crop.left}, {crop.top} was asked for. It must lie inside the"
                f" picture, which is {width} × {height} when upright, and have {MIN_SIDE} pixels or more."
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
