"""Makes a picture smaller that is over the API's limits, without anything that its photo would show being lost."""

import io
import warnings

from PIL import Image, ImageOps

# What the API takes: bytes of a file, and pixels in whichever format may have the fewest.
MAX_BYTES = 4_500_000
_MAX_PIXELS = 20_000_000

# Pixels of the shorter side that are left, twice those of the photo that is made of it.
_SIDE = 1024

# Modes in which JPEG keeps colours just as the file's ICC profile describes them.
_JPEG_MODES = {"L", "RGB", "CMYK"}

# Pillow refuses twice as many pixels as it warns of, which is early enough for one's own pictures.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


def shrink(data: bytes) -> bytes:
    """Give `data` if it is small enough, else a smaller file of the picture; what can't be read is given as it is.

    The API then says what is wrong with it.
    """
    try:
        with Image.open(io.BytesIO(data)) as picture:
            if len(data) <= MAX_BYTES and picture.width * picture.height <= _MAX_PIXELS:
                return data
            return _smaller(picture)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return data


def _smaller(picture: Image.Image) -> bytes:
    profile = picture.info.get("icc_profile")
    scaled = _sixteen_bits_as_eight(picture) if picture.mode.startswith("I") else picture
    is_plain = scaled.mode in _JPEG_MODES and not picture.has_transparency_data
    if not is_plain:
        scaled = scaled.convert("RGBA")
    scale = min(1, _SIDE / min(scaled.size))
    scaled.thumbnail((scaled.width * scale, scaled.height * scale))
    out = io.BytesIO()
    # WebP keeps transparency, behind which the API puts white.
    ImageOps.exif_transpose(scaled).save(out, "JPEG" if is_plain else "WEBP", quality=92, icc_profile=profile, exif=b"")
    return out.getvalue()


def _sixteen_bits_as_eight(picture: Image.Image) -> Image.Image:
    """Scale the bits; a plain conversion would clip them."""
    return picture.convert("I").point(lambda level: level * (1 / 257) + 0.5).convert("L")
