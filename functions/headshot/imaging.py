"""Makes the one kind of picture that Headshot keeps out of whatever it is given. Knows nothing of AWS."""

import hashlib
import io
import warnings
from contextlib import suppress
from dataclasses import dataclass

from PIL import ExifTags, Image, ImageCms, ImageFile, UnidentifiedImageError

from headshot.problems import BrokenImage, ImageTooLarge, ImageTooSmall, TooManyPixels, UnsupportedFormat

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")

# Lambda takes 6 MB a request (6,291,556 bytes), base64 included, which leaves 4.7 MB, less the headers.
MAX_BYTES = 4_500_000

# 50 megapixels of RGBA are 200 MB, and a crop and a conversion hold as much again: half of the function's memory.
MAX_PIXELS = 50_000_000

# Atlassian shows profile pictures at up to 256 CSS pixels; screens have two pixels to each.
MAX_SIDE = 512
MIN_SIDE = 64

_QUALITY = 85
_SRGB = ImageCms.createProfile("sRGB")
_PLAIN_WAYS_UP = {
    2: [Image.Transpose.FLIP_LEFT_RIGHT],
    3: [Image.Transpose.ROTATE_180],
    4: [Image.Transpose.FLIP_TOP_BOTTOM],
    5: [Image.Transpose.TRANSPOSE],
    6: [Image.Transpose.ROTATE_270],
    7: [Image.Transpose.TRANSVERSE],
    8: [Image.Transpose.ROTATE_90],
}

# Our own limit is stricter than Pillow's and is checked before anything is decoded; Pillow's would only warn.
Image.MAX_IMAGE_PIXELS = None

# What Pillow's decoders are known to raise over files that are cut off, broken or made to break them.
_DECODER_ERRORS = (
    OSError,
    ValueError,
    SyntaxError,
    TypeError,
    IndexError,
    KeyError,
    EOFError,
    OverflowError,
    MemoryError,
)


@dataclass(frozen=True, slots=True)
class Photo:
    """A clean picture: square, upright, sRGB, without metadata. `version` is a hash of `jpeg`; sides are in pixels."""

    jpeg: bytes
    version: str
    width: int
    height: int


def normalise(data: bytes) -> Photo:
    """Make a `Photo` of an image file's bytes.

    The picture is turned upright, cropped to the square in its middle, scaled down to at most 512 pixels a side (never
    up), put on white where it is transparent, brought to sRGB and written as a progressive JPEG of quality 85.

    Raises
    ------
    ImageTooLarge, TooManyPixels
        Over `MAX_BYTES` or `MAX_PIXELS`; nothing was decoded.
    UnsupportedFormat
        The bytes, whatever they are announced as, are not a JPEG, PNG, WebP or GIF.
    ImageTooSmall
        A side has fewer than `MIN_SIDE` pixels.
    BrokenImage
        The image cannot be decoded to its end.
    """
    if len(data) > MAX_BYTES:
        raise ImageTooLarge(
            f"The image has {len(data):,} bytes; at most {MAX_BYTES:,} are accepted. Scale it down or save it with"
            " stronger compression."
        )
    with warnings.catch_warnings(action="ignore"):  # broken EXIF is worth thousands of them, and no answer
        picture = _square(_decode(data))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    jpeg = out.getvalue()
    return Photo(jpeg, hashlib.sha256(jpeg).hexdigest()[:32], *picture.size)


def _decode(data: bytes) -> ImageFile.ImageFile:
    """Decode as many pixels as the result needs, once the header has shown that there are not too many."""
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        _check_size(*image.size)
        # The decoder may scale by 1/2, 1/4 or 1/8 on the way. Twice the wanted size keeps the result as good as a
        # full decode.
        image.draft(image.mode, (2 * MAX_SIDE, 2 * MAX_SIDE))
        image.load()
    except UnidentifiedImageError as error:
        raise UnsupportedFormat(
            "The body is not an image that Headshot reads. Send a JPEG, PNG, WebP or GIF file as it is, with its"
            " Content-Type, or base64-encoded in JSON."
        ) from error
    except _DECODER_ERRORS as error:
        raise BrokenImage("The image is damaged or cut off. Open it, save it again and send the new file.") from error
    return image


def _check_size(width: int, height: int) -> None:
    """Refuse what is too large to decode or too small to show, by what the header says."""
    if width * height > MAX_PIXELS:
        raise TooManyPixels(
            f"The picture is {width} × {height} pixels; at most {MAX_PIXELS // 1_000_000} megapixels are accepted."
            " Scale it down."
        )
    if min(width, height) < MIN_SIDE:
        raise ImageTooSmall(
            f"The picture is {width} × {height} pixels; each side needs at least {MIN_SIDE}. Send a larger one."
        )


def _square(image: ImageFile.ImageFile) -> Image.Image:
    """Give the middle of the decoded `image`: upright, RGB in sRGB, at most `MAX_SIDE` a side, without metadata."""
    orientation, profile = _orientation(image), image.info.get("icc_profile")
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    small = min(side, MAX_SIDE)
    picture = _direct_colour(image).resize(
        (small, small), Image.Resampling.LANCZOS, box=(left, top, left + side, top + side), reducing_gap=2.0
    )
    picture = _to_srgb(_on_white(picture), profile)
    for way in _PLAIN_WAYS_UP.get(orientation, []):
        picture = picture.transpose(way)
    picture.info.clear()  # the JPEG writer would copy a comment from it
    return picture


def _orientation(image: Image.Image) -> int:
    """Give the EXIF orientation, 1 to 8, or 1 where the EXIF block is broken: such a picture is still a picture."""
    with suppress(*_DECODER_ERRORS):
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    return 1


def _direct_colour(image: Image.Image) -> Image.Image:
    """Give `image` in a mode that can be scaled: no palettes, no bits, 16 bits scaled to 8 rather than clipped."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda level: level * (1 / 256)).convert("L")
    if image.mode == "P" or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("L") if image.mode == "1" else image


def _on_white(picture: Image.Image) -> Image.Image:
    """Give `picture` with white behind whatever is transparent."""
    if picture.mode not in ("RGBA", "LA"):
        return picture
    picture = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def _to_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Give `picture` as RGB in sRGB, converted from its ICC profile where it has one that fits."""
    if profile:
        with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            converted = ImageCms.profileToProfile(
                picture, ImageCms.ImageCmsProfile(io.BytesIO(profile)), _SRGB, outputMode="RGB"
            )
            if converted:
                return converted
    return picture.convert("RGB")
