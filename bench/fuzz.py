"""Coverage-guided fuzzing of `imaging`: libFuzzer mutates good files and bombs for as long as it is told to.

`make fuzz SECONDS=60`. It ends with an error over the first file that is neither rejected nor becomes a clean photo,
takes over a second, or over 900 MB with libFuzzer's own; the file is then in .headshot/fuzz/.
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
    """Make a photo of `data`, or be rejected; everything else raised is a finding."""
    if data.startswith(b"\x89PNG"):
        data = bombs.mend_png(data)
    try:
        photo = imaging.normalise(data)
    except imaging.ImageError:
        return
    pictures.read_clean(photo.jpeg)


def main(seconds: int) -> None:
    """Fuzz for so many seconds, starting from what earlier runs have found interesting."""
    corpus = HOME / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for name, data in SEEDS.items():
        (corpus / name.replace(" ", "-")).write_bytes(data)
    options = {"max_total_time": seconds, "max_len": 100_000, "timeout": 1, "rss_limit_mb": 900, "print_final_stats": 1}
    arguments = [f"-{name}={value}" for name, value in options.items()]
    atheris.Setup([sys.argv[0], *arguments, f"-artifact_prefix={HOME}/", str(corpus)], one_file)
    atheris.Fuzz()


main(int(sys.argv[1]))
