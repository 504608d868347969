"""From the stripped of a file to a small square picture, through Pillow."""

import io
import math
import warnings

from PIL import Image

from headshot.imaging.crop import Square
from headshot.imaging.errors import BrokenImageError
from headshot.imaging.header import Header
from headshot.imaging.limits import MAX_SIDE

# The end of a JPEG (ITU-T T.81 §B.1.1.3), and what stands for other pixels than the grey that libjpeg fills in.
_END, _OTHER_PIXELS = b"\xff\xd9", bytes(range(17, 241, 7)) * 8

_TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def decode(header: Header, square: Square) -> Image.Image:
    """Give `square` of the stored picture, at most `MAX_SIDE` a side, turned upright, in a mode for `colour`.

    Raises
    ------
    BrokenImageError
        If the decoder cannot read the file to its end.
    """
    image = _load(header, square)
    # A JPEG decoder may have scaled.
    x, y = image.width / header.width, image.height / header.height
    box = (square.left * x, square.top * y, (square.left + square.side) * x, (square.top + square.side) * y)
    # What a scaled decode has lost, no filter brings back: half the time of Lanczos does as well (docs/imaging.md).
    resample = Image.Resampling.LANCZOS if image.width == header.width else Image.Resampling.HAMMING
    side = min(MAX_SIDE, square.side)
    picture = image.resize((side, side), resample, box=box, reducing_gap=2.0)
    way = _TRANSPOSE.get(header.orientation)
    return picture if way is None else picture.transpose(way)


def _load(header: Header, square: Square) -> Image.Image:
    """Decode as many pixels as the result needs: a JPEG decoder can scale by 1/2, 1/4 or 1/8 on the way."""
    wanted = (math.ceil(header.width * MAX_SIDE / square.side), math.ceil(header.height * MAX_SIDE / square.side))
    read = _read if header.has_end else _read_without_end
    try:
        with warnings.catch_warnings(action="ignore"):  # about broken ICC profiles and the like: no answer
            return _direct_colour(read(header.stripped, header.format, wanted))
    except (
        Exception
    ) as error:  # all that Pillow raises, MemoryError included, is about the file; there is no list of it
        raise BrokenImageError from error


def _read(stripped: bytes, kind: str, wanted: tuple[int, int]) -> Image.Image:
    image = Image.open(io.BytesIO(stripped), formats=[kind])
    image.draft(image.mode, wanted)
    image.load()
    return image


def _read_without_end(stripped: bytes, kind: str, wanted: tuple[int, int]) -> Image.Image:
    """Decode a JPEG that lacks its end marker, and raise ValueError if pixels are lacking, too.

    libjpeg fills in grey for what it does not find, and says so to nobody. But where all pixels are there, none depends
    on what comes after them.
    """
    pixels = stripped.rstrip(_END[:1])  # half of the marker may be there
    colours = _read(pixels + _OTHER_PIXELS + _END, kind, wanted).histogram()
    image = _read(pixels + _END, kind, wanted)
    if image.histogram() != colours:
        raise ValueError("The pixels end early.")
    return image


def _direct_colour(image: Image.Image) -> Image.Image:
    """Give `image` in a mode that can be scaled: no palettes and no bits."""
    if image.mode.startswith("I"):
        levels = image.convert("I")
        return levels if "transparency" not in image.info else _see_through(levels, image.info["transparency"])
    if image.mode in {"P", "PA"} or "transparency" in image.info:
        return image.convert("RGBA" if "transparency" in image.info or image.mode == "PA" else "RGB")
    return image.convert("L") if image.mode == "1" else image


def _see_through(levels: Image.Image, transparent: int) -> Image.Image:
    """Return 16 bits of grey as 8, with the one level `transparent` left out. Pillow can do so only for 8 bits."""
    opacity = [255] * 65536
    opacity[transparent] = 0
    grey = levels.point([round(level / 257) for level in range(65536)], "L")
    return Image.merge("LA", (grey, levels.point(opacity, "L")))
