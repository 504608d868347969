"""Makes of a file that the API would not take one that it takes, without losing anything that the photo would show."""

import io
import warnings

from PIL import Image, ImageOps, PngImagePlugin

from headshot_cli import heic

# What the API takes: formats, bytes of a file, and pixels in whichever format may have the fewest.
_TAKEN = ["JPEG", "PNG", "GIF", "WEBP"]
MAX_BYTES = 4_500_000
_MAX_PIXELS = 20_000_000

# What badge printers, scanners and telephones write besides. Pillow reads more, some of it by running other programs.
_CONVERTED = ["BMP", "TIFF", "AVIF"]

# Pixels of the shorter side that are left, twice those of the photo that is made of it.
_SIDE = 1024

# Modes in which JPEG keeps colours just as the file's ICC profile describes them.
_JPEG_MODES = {"L", "RGB", "CMYK"}

# Pillow rejects twice as many pixels as it warns of, which is early enough for one's own pictures.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)

# Pillow's limit for texts holds for colour profiles, too, of which the API takes 3.5 MB.
PngImagePlugin.MAX_TEXT_CHUNK = 3_500_000


def fit(data: bytes) -> bytes:
    """Return `data` if the API takes its format and size, else a file of the picture that it takes.

    What cannot be read is returned as it is: the API says what is wrong with it.

    Raises
    ------
    heic.ConversionError
        If it is a HEIC picture and cannot be converted.
    """
    if heic.is_heic(data):
        data = heic.convert(data, _SIDE)
    try:
        with Image.open(io.BytesIO(data), formats=_TAKEN + _CONVERTED) as picture:
            is_small = len(data) <= MAX_BYTES and picture.width * picture.height <= _MAX_PIXELS
            return data if is_small and picture.format not in _CONVERTED else _written_anew(picture)
    except Exception:  # noqa: BLE001  whatever Pillow raises is about this file; there is no list of it
        return data


def _written_anew(picture: Image.Image) -> bytes:
    profile = picture.info.get("icc_profile")
    scaled = _sixteen_bits_as_eight(picture) if picture.mode.startswith("I") else picture
    is_plain = scaled.mode in _JPEG_MODES and not picture.has_transparency_data
    if not is_plain:
        scaled = scaled.convert("RGBA")
    scale = min(1, _SIDE / min(scaled.size))
    scaled.thumbnail((scaled.width * scale, scaled.height * scale))
    out = io.BytesIO()
    # WebP keeps transparency, behind which the API puts white.
    ImageOps.exif_transpose(scaled).save(out, "JPEG" if is_plain else "WEBP", quality=95, icc_profile=profile, exif=b"")
    return out.getvalue()


def _sixteen_bits_as_eight(picture: Image.Image) -> Image.Image:
    """Scale the bits, since a plain conversion clips them, and leave out the level that is transparent."""
    levels = picture.convert("I")
    grey = levels.point([round(level / 257) for level in range(65536)], "L")
    if "transparency" not in picture.info:
        return grey
    opacity = [255] * 65536
    opacity[picture.info["transparency"]] = 0
    return Image.merge("LA", (grey, levels.point(opacity, "L")))
