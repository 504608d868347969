"""Converts a file that the API would reject to one that it accepts, with the photo looking the same."""

import io
import warnings

from PIL import Image, ImageOps, PngImagePlugin

from headshot_cli import heic

# The API's limits: formats, bytes of a file, and pixels in the format that may have the fewest.
_ACCEPTED = ["JPEG", "PNG", "GIF", "WEBP"]
MAX_BYTES = 4_500_000
_MAX_PIXELS = 20_000_000

# Other formats of badge printers, scanners and phones. Pillow reads more, some of it by running other programs.
_CONVERTED = ["BMP", "TIFF", "AVIF"]

# Pixels of the shorter side after scaling, twice those of the photo.
_SIDE = 1024

# Modes in which a JPEG keeps colours exactly as the file's ICC profile describes them.
_JPEG_MODES = {"L", "RGB", "CMYK"}

# Pillow rejects pictures with twice as many pixels as it warns about, early enough for one's own pictures.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)

# Pillow's limit for texts also applies to colour profiles, of which the API accepts 3.5 MB.
PngImagePlugin.MAX_TEXT_CHUNK = 3_500_000


def fit(data: bytes) -> bytes:
    """Return `data` if the API accepts its format and size, else a smaller or converted file of the same picture.

    A file that cannot be read is returned unchanged: the API rejects it with a reason.

    Raises
    ------
    heic.ConversionError
        If it is a HEIC picture that cannot be converted.
    """
    if heic.is_heic(data):
        data = heic.convert(data, _SIDE)
    try:
        with Image.open(io.BytesIO(data), formats=_ACCEPTED + _CONVERTED) as picture:
            is_small = len(data) <= MAX_BYTES and picture.width * picture.height <= _MAX_PIXELS
            return data if is_small and picture.format not in _CONVERTED else _converted(picture)
    except Exception:  # noqa: BLE001  Pillow raises many types for a damaged file
        return data


def _converted(picture: Image.Image) -> bytes:
    profile = picture.info.get("icc_profile")
    scaled = _sixteen_bits_as_eight(picture) if picture.mode.startswith("I") else picture
    is_plain = scaled.mode in _JPEG_MODES and not picture.has_transparency_data
    if not is_plain:
        scaled = scaled.convert("RGBA")
    scale = min(1, _SIDE / min(scaled.size))
    scaled.thumbnail((scaled.width * scale, scaled.height * scale))
    out = io.BytesIO()
    # WebP keeps transparency, which the API replaces with white.
    ImageOps.exif_transpose(scaled).save(out, "JPEG" if is_plain else "WEBP", quality=95, icc_profile=profile, exif=b"")
    return out.getvalue()


def _sixteen_bits_as_eight(picture: Image.Image) -> Image.Image:
    """Return the picture with 8 bits per pixel. A plain conversion would clip, and lose the transparent level."""
    levels = picture.convert("I")
    grey = levels.point([round(level / 257) for level in range(65536)], "L")
    if "transparency" not in picture.info:
        return grey
    opacity = [255] * 65536
    opacity[picture.info["transparency"]] = 0
    return Image.merge("LA", (grey, levels.point(opacity, "L")))
