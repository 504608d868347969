"""What is known about a picture before anything is decoded."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Header:
    """What the structure of a file says.

    `format` is Pillow's name. `width` and `height`, in pixels, are those of the stored picture, which `orientation` (1
    to 8, as in EXIF) turns upright. `stripped` is the file without anything that its first frame does not need, such as
    comments, EXIF, XMP, thumbnails, text and further frames; the decoder sees nothing else. `profile` is the ICC
    profile, empty if there is none or it cannot be read. `has_end` is False for a JPEG without an end marker: only the
    decoder can find out whether it is complete.
    """

    format: str
    width: int
    height: int
    stripped: bytes
    orientation: int = 1
    profile: bytes = b""
    has_end: bool = True
