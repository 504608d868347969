"""Coverage-guided fuzzing of `imaging`: libFuzzer mutates good files and bombs: `make fuzz SECONDS=60`.

It stops with an error at the first file that is neither rejected nor becomes a clean photo, or takes over a second, or
over 900 MB with libFuzzer's own memory. The file is then in .headshot/fuzz/.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["headshot.imaging"]):
    from headshot import imaging

from tests import bombs, pictures
from tests.unit.imaging.test_any_bytes import VALID

HOME = Path(__file__).parents[1] / ".headshot/fuzz"

SEEDS = VALID | {
    "scans": bombs.jpeg_with_scans(20, (96, 96)),
    "segments": bombs.jpeg_with_segments(20, bombs.jpeg_segment(0xE1, bombs.overlapping_exif())),
    "chunks": bombs.png_with_chunks(bombs.png_chunk(b"eXIf", bombs.overlapping_exif()[6:])),
    "16 bits": bombs.png_of_zeros((96, 96), 16, 6),
    "comments": bombs.gif_with_comments(100, 1),
    "canvas": bombs.webp_header(96, 96),
}


def one_file(data: bytes) -> None:
    """Convert `data`. Any error but an ImageError is a finding."""
    if data.startswith(b"\x89PNG"):
        data = bombs.with_right_checksums(data)
    try:
        photo = imaging.normalise(data)
    except imaging.ImageError:
        return
    pictures.read_clean(photo.jpeg)


def main(seconds: int) -> None:
    """Fuzz for this many seconds, starting from the corpus of earlier runs."""
    corpus = HOME / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for name, data in SEEDS.items():
        (corpus / name.replace(" ", "-")).write_bytes(data)
    options = {"max_total_time": seconds, "max_len": 100_000, "timeout": 1, "rss_limit_mb": 900, "print_final_stats": 1}
    arguments = [f"-{name}={value}" for name, value in options.items()]
    atheris.Setup([sys.argv[0], *arguments, f"-artifact_prefix={HOME}/", str(corpus)], one_file)
    atheris.Fuzz()


main(int(sys.argv[1]))
