"""From whatever colours a picture has to opaque sRGB."""

import io
from contextlib import suppress

from PIL import Image, ImageCms

from headshot.imaging.limits import MAX_ICC_BYTES

_SRGB = ImageCms.createProfile("sRGB")

# A type of tag (ICC.1 §10.16) that chains any number of steps over every colour. No camera writes it.
_MULTI_PROCESS_ELEMENTS = b"mpet"


def to_srgb(picture: Image.Image, profile: bytes) -> Image.Image:
    """Return `picture` as RGB in sRGB, on white, converted from its ICC profile unless that is empty or broken."""
    picture = _on_white(_eight_bits(picture))
    if profile and len(profile) <= MAX_ICC_BYTES and _MULTI_PROCESS_ELEMENTS not in profile:
        with suppress(Exception):  # whatever the library raises is about the profile; there is no list of it
            converted = ImageCms.profileToProfile(
                picture, ImageCms.ImageCmsProfile(io.BytesIO(profile)), _SRGB, outputMode="RGB"
            )
            if converted:
                return converted
    return picture.convert("RGB")


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Scale 16 bits of grey to 8; a plain conversion would clip them."""
    return picture.point(lambda level: level * (1 / 257) + 0.5).convert("L") if picture.mode == "I" else picture


def _on_white(picture: Image.Image) -> Image.Image:
    """Put white behind whatever is transparent."""
    if not picture.mode.endswith("A"):
        return picture
    opaque, alpha = picture.convert(picture.mode[:-1]), picture.getchannel("A")
    return Image.composite(opaque, Image.new(opaque.mode, opaque.size, "white"), alpha)
