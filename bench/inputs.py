"""The pictures to measure: photos like those of phones, and the most expensive files, all made here."""

import random
from collections.abc import Iterator

from PIL import ExifTags, Image

from local import portrait
from tests import bombs, pictures

TURNED = Image.Exif()
TURNED[ExifTags.Base.Orientation] = 6  # a phone held upright


def photo(width: int, height: int) -> Image.Image:
    """Draw a portrait with so much grain that 12 megapixels make a file of 3 MB, as with phones."""
    grain = Image.effect_noise((width, height), 60).convert("RGB")
    return Image.blend(portrait.draw("Ada Lovelace", (width, height)), grain, 0.1)


def photos() -> Iterator[tuple[str, bytes]]:
    """Yield the pictures of the speed table, by name."""
    large = photo(4000, 3000)
    yield "12 MP JPEG", pictures.encode(large, quality=90, exif=TURNED)
    yield "12 MP progressive", pictures.encode(large, quality=90, progressive=True, exif=TURNED)
    yield "24 MP JPEG", pictures.encode(photo(6000, 4000), quality=82, exif=TURNED)
    yield "1024² PNG", pictures.encode(photo(1024, 1024), "PNG")
    yield "400² JPEG", pictures.encode(photo(400, 400), quality=90)


def noise(width: int, height: int, levels: int = 256) -> Image.Image:
    """Draw noise with this many levels of grey, which no encoder can compress well."""
    grey = Image.frombytes("L", (width, height), random.Random(1).randbytes(width * height))  # noqa: S311  not a secret
    return grey.point([level * levels // 256 for level in range(256)])


def colours(grey: Image.Image) -> Image.Image:
    """Return a colour picture with the grey, turned in different ways, as red, green and blue."""
    transposes = Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.FLIP_TOP_BOTTOM
    return Image.merge("RGB", [grey, *map(grey.transpose, transposes)])


def see_through(picture: Image.Image, alpha: Image.Image) -> Image.Image:
    """Make the picture transparent where `alpha` is dark."""
    picture.putalpha(alpha)
    return picture


def large() -> Iterator[tuple[str, bytes]]:
    """Yield the most expensive files of up to 25 MB, the limit of the drop box, by name."""
    grain = photo(8000, 6250)
    yield "50 MP JPEG", pictures.encode(grain, quality=97)
    yield "50 MP progressive JPEG", pictures.encode(grain, quality=96, progressive=True, subsampling=0)
    yield (
        "37 MP progressive CMYK JPEG",
        pictures.encode(photo(6100, 6100).convert("CMYK"), quality=88, progressive=True),
    )
    yield "25 MP JPEG without its end", pictures.encode(colours(noise(5000, 5000)), quality=85)[:-2]
    yield (
        "25 MP PNG, 8-bit RGBA",
        pictures.encode(
            see_through(noise(5000, 5000, 4).convert("RGB"), noise(5000, 5000, 4)), "PNG", compress_level=1
        ),
    )
    yield "25 MP GIF", pictures.encode(noise(5000, 5000, 32).convert("P"), "GIF")
    yield (
        "20 MP WebP with alpha",
        pictures.encode(
            see_through(colours(noise(5000, 4000)), noise(5000, 4000, 16)),
            "WEBP",
            quality=75,
            alpha_quality=100,
            method=0,
        ),
    )
    yield (
        "20 MP lossless WebP with alpha",
        pictures.encode(
            see_through(colours(noise(5000, 4000, 4)), noise(5000, 4000, 4)), "WEBP", lossless=True, quality=0, method=0
        ),
    )


def most_expensive() -> Iterator[tuple[str, bytes]]:
    """Yield the most expensive files within the limits, and some beyond them, by name."""
    yield "50 MP JPEG", bombs.flat((8000, 6250), "JPEG", quality=95)
    yield "50 MP progressive JPEG, 16 scans", bombs.jpeg_with_scans(6, (8000, 6250), subsampling=0)
    yield "12 MP JPEG, 60 scans", bombs.jpeg_with_scans(50, (4000, 3000), subsampling=0)
    yield "1 MP JPEG, 190 scans", bombs.jpeg_with_scans(180, (1000, 1000), subsampling=0)
    yield "37 MP progressive CMYK JPEG", bombs.flat((6100, 6100), "JPEG", "CMYK", progressive=True)
    yield "60 overlapping EXIF blocks", bombs.jpeg_with_segments(60, bombs.jpeg_segment(0xE1, bombs.overlapping_exif()))
    yield "25 MP PNG, 8-bit RGBA", bombs.png_of_zeros((5000, 5000), 8, 6)
    yield "12 MP PNG, 16-bit RGBA", bombs.png_of_zeros((4000, 3100), 16, 6)
    grey = bombs.png_of_zeros((5000, 5000), 16, 0)
    yield "25 MP PNG, 16-bit grey", grey
    yield "25 MP PNG, 16-bit grey, one level transparent", grey[:33] + bombs.png_chunk(b"tRNS", b"\0\0") + grey[33:]
    yield "64 × 390,000 PNG", bombs.png_of_zeros((64, 390_000), 8, 6)
    yield (
        "40 PNG texts of 60 MB",
        bombs.png_with_chunks(bombs.png_chunk(b"zTXt", b"Comment\0\0" + bombs.zeros(60_000_000)) * 40),
    )
    yield "25 MP GIF", bombs.flat((5000, 5000), "GIF", "L")
    yield "20 MP WebP", bombs.flat((5000, 4000), "WEBP", method=0)
    yield "20 MP lossless WebP with alpha", pictures.plain((1, 2, 3, 128), (5000, 4000), "RGBA", "WEBP")
    yield "12 MP JPEG, 180 scans", bombs.jpeg_with_scans(170, (4000, 3000), subsampling=0)
    yield "1,000,000 EXIF segments", bombs.jpeg_with_segments(1_000_000, bombs.jpeg_segment(0xE1, b""))
    yield "370,000 PNG chunks", bombs.png_with_chunks(bombs.png_chunk(b"prVt") * 370_000)
    yield "2,000,000 GIF comments", bombs.gif_with_comments(2_000_000, 1)
    yield "268 MP WebP header", bombs.webp_header(16383, 16383)
