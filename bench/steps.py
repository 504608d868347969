"""Shows where the time goes for the pictures that cannot be decoded at a smaller scale, and what would be faster."""

import io
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import metrics

from bench import contenders
from bench.report import table
from headshot import imaging

ROUNDS = 21
SIDE = contenders.SIDE
_SLOW = ("1024² PNG", "400² JPEG")

# Pillow's other filters that weigh neighbouring pixels, and the cheapest way: the mean of each block.
_FILTERS = {
    "Lanczos (used)": Image.Resampling.LANCZOS,
    "bicubic": Image.Resampling.BICUBIC,
    "Hamming": Image.Resampling.HAMMING,
    "box": Image.Resampling.BOX,
}
_ENCODERS: dict[str, dict[str, bool]] = {
    "progressive (used)": {"progressive": True},
    "baseline, optimised": {"optimize": True},
    "baseline (naive Pillow)": {},
}


def steps(photos: dict[str, bytes], photographs: list[Path]) -> None:
    """Print what each step takes, and what other filters and encoders take and yield.

    Filters are compared by the `photographs`, since drawings hide what a filter loses.
    """
    rows = []
    for name in _SLOW:
        data = photos[name]
        picture = contenders.floor(data)
        square = _scaled(picture, Image.Resampling.LANCZOS)
        calls: list[Callable[[], object]] = [
            partial(imaging.inspect, data),
            partial(contenders.floor, data),
            partial(_scaled, picture, Image.Resampling.LANCZOS),
            partial(_encoded, square, progressive=True),
            partial(contenders.headshot, data),
            partial(contenders.naive, data),
        ]
        rows.append([name, *(f"{milliseconds(call):.1f}" for call in calls)])
    table(
        "Where the time goes, milliseconds of CPU time",
        ["", "guard", "decode", "scale", "encode", "Headshot", "naive Pillow"],
        rows,
    )
    _filters(photos[_SLOW[0]], [contenders.floor(file.read_bytes()).convert("RGB") for file in photographs])
    _encoders(photos[_SLOW[1]])


def milliseconds(call: Callable[[], object]) -> float:
    """Return the CPU time of one call, the median of `ROUNDS`."""
    times = []
    for _ in range(ROUNDS):
        started = time.thread_time()
        call()
        times.append(time.thread_time() - started)
    return 1000 * statistics.median(times)


def _filters(data: bytes, photographs: list[Image.Image]) -> None:
    picture = contenders.floor(data)
    rows = []
    for name, resample in _FILTERS.items():
        likeness = min(_likeness(photograph, resample) for photograph in photographs)
        rows.append([name, f"{milliseconds(partial(_scaled, picture, resample)):.1f}", f"{likeness:.4f}"])
    table("Scaling the 1024² PNG", ["", "ms", "lowest SSIM of the photographs"], rows)


def _encoders(data: bytes) -> None:
    picture = contenders.floor(data)
    rows = []
    for name, options in _ENCODERS.items():
        size = len(_encoded(picture, **options)) / 1024
        rows.append([name, f"{milliseconds(partial(_encoded, picture, **options)):.1f}", f"{size:.1f}"])
    table("Encoding the 400² JPEG", ["", "ms", "KiB"], rows)


def _scaled(picture: Image.Image, resample: Image.Resampling) -> Image.Image:
    side = min(SIDE, picture.width)
    return picture.resize((side, side), resample)


def _encoded(picture: Image.Image, **options: bool) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85, **options)
    return out.getvalue()


def _likeness(photograph: Image.Image, resample: Image.Resampling) -> float:
    """Return how much a photo scaled with this filter resembles the one scaled with Lanczos."""
    jpegs = [_encoded(_scaled(photograph, each)) for each in (Image.Resampling.LANCZOS, resample)]
    pixels = [np.asarray(Image.open(io.BytesIO(jpeg))) for jpeg in jpegs]
    likeness: float = metrics.structural_similarity(*pixels, channel_axis=2)
    return likeness
