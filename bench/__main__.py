"""Prints the tables of docs/imaging.md, and exits with an error if a figure misses its limit: `make bench`."""

import io
import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import skimage
from PIL import Image
from skimage import metrics

from bench import contenders, inputs
from bench.cost import cost
from bench.report import table
from bench.steps import steps

ROUNDS = 21
HOME = Path(__file__).parents[1] / ".headshot/bench"

MAX_TIMES_FLOOR, MIN_TIMES_NAIVE = 1.3, 4.0
MAX_SECONDS, MAX_LARGE_SECONDS, MAX_MB = 1.0, 2.0, 450
MAX_PHOTO_MB = 40
MIN_SSIM = 0.99

# Photographs of 512 pixels and more in packages that bench/requirements.in names.
_SKIMAGE, _MATPLOTLIB = Path(skimage.__file__).parent / "data", Path(mpl.get_data_path()) / "sample_data"
PHOTOGRAPHS = [
    _MATPLOTLIB / "grace_hopper.jpg",
    _SKIMAGE / "astronaut.png",
    _SKIMAGE / "retina.jpg",
    _SKIMAGE / "hubble_deep_field.jpg",
]

missed: list[str] = []


def hold(what: str, *, kept: bool) -> None:
    """Remember a figure that misses its limit."""
    if not kept:
        missed.append(what)


def speed(photos: dict[str, bytes], folder: Path) -> None:
    """Time all contenders in turns, so that busy moments and cache contents affect all of them."""
    sharp = contenders.Sharp(HOME)
    timed: dict[str, Callable[[Path], float]] = {
        "floor": contenders.timed(contenders.floor),
        "Headshot": contenders.timed(contenders.headshot),
        "pyvips": contenders.timed(contenders.vips),
        "naive Pillow": contenders.timed(contenders.naive),
        "sharp": sharp.seconds,
    }
    rows, chance = [], random.Random(1)  # noqa: S311  not a secret
    for name, data in photos.items():
        file = folder / "photo"
        file.write_bytes(data)
        runs: dict[str, list[float]] = {contender: [] for contender in timed}
        for _ in range(ROUNDS):
            for contender in chance.sample(list(timed), len(timed)):
                runs[contender].append(timed[contender](file))
        median = {contender: 1000 * statistics.median(times) for contender, times in runs.items()}
        over, under = median["Headshot"] / median["floor"], median["naive Pillow"] / median["Headshot"]
        rows.append([name, *(f"{ms:.1f}" for ms in median.values()), f"{over:.2f}", f"{under:.1f}"])
        if name == "12 MP JPEG":
            hold(f"{name}: {over:.3f} × the floor", kept=over <= MAX_TIMES_FLOOR)
            hold(f"{name}: {under:.1f} × as fast as naive", kept=under >= MIN_TIMES_NAIVE)
    sharp.close()
    table("Milliseconds, medians", ["", *timed, "Headshot ÷ floor", "naive ÷ Headshot"], rows)


def memory(photos: dict[str, bytes]) -> None:
    """Measure the memory for one photo, on top of the interpreter and its libraries."""
    rows = []
    for name, data in photos.items():
        found = cost(data)
        over = found.peak_mb - found.before_mb
        rows.append([name, str(over), str(found.before_mb)])
        if name == "12 MP JPEG":
            hold(f"{name}: {over} MB", kept=over <= MAX_PHOTO_MB)
    table("Peak memory, MB", ["", "over the interpreter", "interpreter"], rows)


def worst(title: str, files: Iterable[tuple[str, bytes]], max_seconds: float) -> None:
    """Measure CPU time and memory for the most expensive files."""
    rows = []
    for name, data in files:
        found = cost(data)
        rows.append([name, f"{len(data):,}", found.result, f"{1000 * found.seconds:.1f}", str(found.peak_mb)])
        hold(f"{title}: {name}: {found.seconds:.2f} s", kept=found.seconds <= max_seconds)
        hold(f"{title}: {name}: {found.peak_mb} MB", kept=found.peak_mb <= MAX_MB)
    table(title, ["", "bytes", "result", "ms", "peak MB"], rows)


def output() -> None:
    """Compare the output with naive Pillow's, by size and similarity."""
    rows, sizes, likenesses = [], [], []
    for file in PHOTOGRAPHS:
        data = file.read_bytes()
        ours, naive = contenders.headshot(data), contenders.naive(data)
        likeness: float = metrics.structural_similarity(_pixels(ours), _pixels(naive), channel_axis=2)
        sizes.append((len(ours) / 1024, len(naive) / 1024))
        likenesses.append(likeness)
        rows.append([file.name, *(f"{size:.1f}" for size in sizes[-1]), f"{likeness:.4f}"])
    means = [statistics.mean(column) for column in zip(*sizes, strict=True)]
    rows.append(["mean", *(f"{mean:.1f}" for mean in means), f"{statistics.mean(likenesses):.4f}"])
    hold(f"SSIM {statistics.mean(likenesses):.4f}", kept=statistics.mean(likenesses) >= MIN_SSIM)
    hold(f"mean size {means[0]:.1f} KiB, naive {means[1]:.1f}", kept=means[0] <= means[1])
    table("Output, KiB", ["", "Headshot", "naive Pillow", "SSIM"], rows)


def _pixels(jpeg: bytes) -> Any:
    return np.asarray(Image.open(io.BytesIO(jpeg)))


def main() -> None:
    """Measure everything, print it, and compare it with the limits."""
    photos = dict(inputs.photos())
    with tempfile.TemporaryDirectory() as folder:
        speed(photos, Path(folder))
    steps(photos, PHOTOGRAPHS)
    memory(photos)
    output()
    worst("The most expensive files of up to 4.5 MB", inputs.most_expensive(), MAX_SECONDS)
    worst("The most expensive files of up to 25 MB", inputs.large(), MAX_LARGE_SECONDS)
    if missed:
        sys.exit("\nMissed: " + "; ".join(missed))


if __name__ == "__main__":
    main()
