"""Converts pictures to opaque sRGB."""

import io
from contextlib import suppress

from PIL import Image, ImageCms

from headshot.imaging.limits import MAX_ICC_BYTES

_SRGB = ImageCms.createProfile("sRGB")

# A tag type that chains any number of steps for every colour (ICC.1 §10.16). No camera writes it.
_MULTI_PROCESS_ELEMENTS = b"mpet"


def to_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    """Return `picture` as opaque sRGB, on white. Its ICC profile is applied unless it is empty, broken or too large."""
    picture = _on_white(_eight_bits(picture))
    if profile and len(profile) <= MAX_ICC_BYTES and _MULTI_PROCESS_ELEMENTS not in profile:
        with suppress(Exception):  # anything the library raises is about the profile, and no list of it exists
            converted = ImageCms.profileToProfile(
                picture, ImageCms.ImageCmsProfile(io.BytesIO(profile)), _SRGB, outputMode="RGB"
            )
            if converted:
                return converted
    return picture.convert("RGB")


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Scale 16-bit grey to 8 bits; a plain conversion would clip it."""
    return picture.point(lambda level: level * (1 / 257) + 0.5).convert("L") if picture.mode == "I" else picture


def _on_white(picture: Image.Image) -> Image.Image:
    """Put white behind transparent pixels."""
    if not picture.mode.endswith("A"):
        return picture
    opaque, alpha = picture.convert(picture.mode[:-1]), picture.getchannel("A")
    return Image.composite(opaque, Image.new(opaque.mode, opaque.size, "white"), alpha)
