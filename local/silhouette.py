"""Draws functions/serve/default.jpg, the neutral picture: `PYTHONPATH=functions python -m local.silhouette`."""

import io

from PIL import Image, ImageDraw

from headshot import imaging
from local.stack import PROJECT

FILE = PROJECT / "functions/serve/default.jpg"

_SIDE = 2048  # pixels; scaling it down smooths the edges
_GROUND, _FIGURE = (223, 226, 230), (166, 173, 181)


def jpeg() -> bytes:
    """Return a grey head and shoulders, as Headshot stores photos."""
    picture = Image.new("RGB", (_SIDE, _SIDE), _GROUND)
    pen = ImageDraw.Draw(picture)
    pen.ellipse([part * _SIDE for part in (0.33, 0.2, 0.67, 0.56)], fill=_FIGURE)
    pen.rounded_rectangle([part * _SIDE for part in (0.18, 0.63, 0.82, 1.4)], radius=0.3 * _SIDE, fill=_FIGURE)
    drawn = io.BytesIO()
    picture.save(drawn, "PNG")
    return imaging.normalise(drawn.getvalue()).jpeg


if __name__ == "__main__":
    FILE.write_bytes(jpeg())
