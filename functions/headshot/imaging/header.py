"""What is known of a picture before anything is decoded."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Header:
    """What the structure of a file says.

    `format` is Pillow's name. Width and height, in pixels, are those of the stored picture, which `orientation` (1 to
    8, as in EXIF) turns upright. `stripped` is the file without all that its first frame does not need: comments, EXIF,
    XMP, thumbnails, text, further frames. The decoder sees nothing else. `profile` is the ICC profile, or empty where
    there is none or it cannot be read. `has_end` is False for a JPEG without an end marker, of which nothing but the
    decoder can say whether it is whole.
    """

    format: str
    width: int
    height: int
    stripped: bytes
    orientation: int = 1
    profile: bytes = b""
    has_end: bool = True
