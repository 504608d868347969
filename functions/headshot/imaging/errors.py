"""What is wrong with a picture, and what to do to it.

The details speak of the file and the picture only: they are shown to callers of the API, to users of the drop box and
to administrators in a terminal, each of whom learns elsewhere where to send the next file.
"""


class ImageError(Exception):
    """A picture that Headshot does not accept.

    Parameters
    ----------
    detail : str
        What is wrong with the picture and what to do to it, for a person.

    `code` names the kind of error and never changes.
    """

    code: str

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class ImageTooLargeError(ImageError):
    """The file has more bytes than are accepted."""

    code = "image-too-large"

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(
            f"The file has {size:,} bytes; at most {limit:,} are accepted. Scale the picture down, or save it with"
            " stronger compression."
        )


class TooManyPixelsError(ImageError):
    """The picture has more pixels than Headshot decodes."""

    code = "too-many-pixels"


class UnsupportedFormatError(ImageError):
    """The file is not a JPEG, PNG, WebP or GIF."""

    code = "unsupported-format"


class UnknownFormatError(UnsupportedFormatError):
    """The file begins like no format that Headshot has a name for."""

    def __init__(self) -> None:
        super().__init__("The file is not a picture that Headshot reads. Save the picture as JPEG, PNG, WebP or GIF.")


class BrokenImageError(ImageError):
    """The file ends early or makes no sense."""

    code = "broken-image"

    def __init__(self) -> None:
        super().__init__("The picture is damaged or cut off. Open it, save it again and use the new file.")


class ImageTooSmallError(ImageError):
    """The picture has too few pixels to show a face."""

    code = "image-too-small"


class ImageTooComplexError(ImageError):
    """The file has a structure that no photograph has and that would keep the decoder busy for long."""

    code = "image-too-complex"


class InvalidCropError(ImageError):
    """The picture has no such square."""

    code = "invalid-crop"
