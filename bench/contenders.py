"""Headshot, its alternatives and the floor. Each turns the bytes of an image file into a square JPEG of 512 pixels."""

import io
import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyvips
from PIL import Image, ImageOps

from headshot import imaging

SIDE = 512
SHARP_JS = Path(__file__).with_name("sharp.mjs")


def headshot(data: bytes) -> bytes:
    """Do what an upload does."""
    return imaging.normalise(data, imaging.Gravity.CENTRE).jpeg


def floor(data: bytes) -> Image.Image:
    """Decode at the smallest scale that is enough, and do nothing else. No pipeline on libjpeg can be faster."""
    image = Image.open(io.BytesIO(data))
    image.draft(image.mode, (SIDE, SIDE))
    image.load()
    return image


def naive(data: bytes) -> bytes:
    """Do what tutorials do with Pillow."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    side = min(SIDE, *image.size)
    out = io.BytesIO()
    ImageOps.fit(image, (side, side), Image.Resampling.LANCZOS).save(out, "JPEG", quality=85)
    return out.getvalue()


def vips(data: bytes) -> bytes:
    """Do the same with libvips in its fastest way, which scales while decoding, too."""
    image = pyvips.Image.thumbnail_buffer(data, SIDE, height=SIDE, crop="centre", size="down")
    return bytes(image.jpegsave_buffer(Q=85, interlace=True, optimize_coding=True, keep="none"))


class Sharp:
    """sharp, in a Node.js process that keeps running. It takes the times itself, so that messages are not counted."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--no-fund", "--prefix", home, "sharp@0.34.5"], check=True)
        script = home / SHARP_JS.name
        script.write_text(SHARP_JS.read_text())
        self._node = subprocess.Popen(["node", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def seconds(self, file: Path) -> float:
        """Return the time of one run, in seconds."""
        assert self._node.stdin and self._node.stdout  # noqa: S101, PT018  they are pipes
        self._node.stdin.write(json.dumps({"file": str(file), "side": SIDE}) + "\n")
        self._node.stdin.flush()
        return float(json.loads(self._node.stdout.readline())["seconds"])

    def close(self) -> None:
        """Stop Node.js."""
        self._node.communicate()


def timed(contender: Callable[[bytes], Any]) -> Callable[[Path], float]:
    """Return a function that returns the time of one run with a file's bytes, in seconds."""

    def seconds(file: Path) -> float:
        data = file.read_bytes()
        started = time.perf_counter()
        contender(data)
        return time.perf_counter() - started

    return seconds
