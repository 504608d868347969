"""Makes a file that is over the direct limit fit through, without anything of it that a photo would show being lost."""

import io

from PIL import Image, ImageOps

# Bytes that the API takes, and pixels a side that are left: four times those of the photo that is made of it.
MAX_BYTES = 4_500_000
_SIDE = 2048


def shrink(data: bytes) -> bytes:
    """Give `data` if it is small enough, else a smaller JPEG of the picture; what can't be read is given as it is.

    The API then says what is wrong with it.
    """
    if len(data) <= MAX_BYTES:
        return data
    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.draft("RGB", (_SIDE, _SIDE))
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail((_SIDE, _SIDE))
            out = io.BytesIO()
            upright.convert("RGB").save(out, "JPEG", quality=92)
            return out.getvalue()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return data
