"""Draws portraits to try and test Headshot without photos of real people.

`python -m local.portrait FOLDER` draws 200 of them.
"""

import colorsys
import io
import random
import sys
from itertools import islice, product
from pathlib import Path

from PIL import ExifTags, Image, ImageDraw

# Skin, hair and eyes that go together.
LOOKS = (
    ((255, 219, 190), (198, 156, 96), (66, 104, 142)),
    ((255, 219, 190), (142, 68, 36), (86, 112, 76)),
    ((255, 219, 190), (34, 26, 24), (88, 58, 36)),
    ((241, 194, 155), (122, 80, 46), (86, 112, 76)),
    ((241, 194, 155), (150, 148, 146), (66, 104, 142)),
    ((241, 194, 155), (72, 46, 30), (88, 58, 36)),
    ((214, 160, 116), (34, 26, 24), (88, 58, 36)),
    ((214, 160, 116), (72, 46, 30), (88, 58, 36)),
    ((166, 112, 76), (34, 26, 24), (66, 42, 28)),
    ((112, 72, 48), (26, 20, 20), (58, 36, 24)),
    ((112, 72, 48), (150, 148, 146), (58, 36, 24)),
)


def draw(name: str, size: tuple[int, int] = (1200, 1600)) -> Image.Image:
    """Draw a portrait for `name`, in pixels of `size`. The same name always gets the same portrait."""
    chance = random.Random(name)  # noqa: S311  for drawing, not for security
    hue = chance.random()
    width, height = 2 * size[0], 2 * size[1]  # twice the size: scaling it down smooths the edges

    def colour(shift: float, saturation: float, value: float) -> tuple[int, ...]:
        return tuple(round(255 * part) for part in colorsys.hsv_to_rgb((hue + shift) % 1, saturation, value))

    def box(left: float, top: float, right: float, bottom: float) -> tuple[float, ...]:
        return left * width, top * height, right * width, bottom * height

    skin, hair, eyes = chance.choice(LOOKS)
    picture = Image.linear_gradient("L").resize((width, height))
    picture = Image.merge(
        "RGB", [picture.point([round(c * (0.5 + i / 512)) for i in range(256)]) for c in colour(0, 0.35, 0.9)]
    )
    pen = ImageDraw.Draw(picture)
    pen.ellipse(box(0.08, 0.72, 0.92, 1.5), fill=colour(0.5, 0.6, 0.6))
    pen.rectangle(box(0.42, 0.6, 0.58, 0.8), fill=skin)
    pen.ellipse(box(0.24, 0.14, 0.76, 0.6), fill=hair)
    pen.ellipse(box(0.29, 0.22, 0.71, 0.7), fill=skin)
    for eye in (0.4, 0.6):
        pen.ellipse(box(eye - 0.05, 0.4, eye + 0.05, 0.44), fill="white")
        pen.ellipse(box(eye - 0.02, 0.4, eye + 0.02, 0.44), fill=eyes)
    pen.arc(box(0.4, 0.45, 0.6, 0.6), 25, 155, fill=(150, 40, 50), width=max(2, width // 90))
    return picture.reduce(2)


def jpeg(name: str, size: tuple[int, int] = (1200, 1600)) -> bytes:
    """Return the portrait as a camera would store it: a JPEG with EXIF metadata and a comment."""
    picture = draw(name, size)
    exif = picture.getexif()
    exif[ExifTags.Base.Make] = "Headshot"
    exif[ExifTags.Base.ImageDescription] = name
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=92, exif=exif, comment=f"A portrait of {name}")
    return out.getvalue()


FIRST_NAMES = (
    *("ada", "alan", "barbara", "christopher", "edsger", "frances", "grace", "hedy", "john", "katherine", "margaret"),
    *("niklaus", "radia", "tim"),
)
LAST_NAMES = (
    *("allen", "berners", "clarke", "dijkstra", "goldberg", "hamilton", "hopper", "johnson", "lamarr", "liskov"),
    *("lovelace", "perlman", "shannon", "turing", "wirth"),
)


def names(count: int = 200) -> list[str]:
    """Return `count` logins of people who do not exist, 210 at most."""
    return [f"{first}.{last}" for first, last in islice(product(FIRST_NAMES, LAST_NAMES), count)]


def main(folder: Path) -> None:
    """Write the portraits of 200 people into `folder`, each named after the login."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names():
        (folder / f"{name}.jpg").write_bytes(jpeg(name, (480, 640)))
    print(f"{len(names())} portraits are in {folder}/")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
