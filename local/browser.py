"""Takes screenshots of pages by a headless Chromium."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_SCALE = 1.5  # pixels of the screenshot to one of the page, for sharp screens


class BrowserError(Exception):
    """There is no browser, or it took no screenshot. The message is one line and says what to do."""


def screenshot(page: Path, file: Path, width: int, height: int) -> None:
    """Write a PNG of the top left of a page, `width` by `height`, once its pictures are loaded.

    What the page leaves transparent is transparent.

    Raise BrowserError if that fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        taken = Path(folder, "screenshot.png")
        command = [
            _browser(),
            "--headless",
            f"--screenshot={taken}",
            f"--window-size={width},{height}",
            f"--force-device-scale-factor={_SCALE}",
            "--default-background-color=00000000",
            "--hide-scrollbars",
            "--virtual-time-budget=10000",  # ms, for pictures that are loaded when they come into view
            f"--user-data-dir={folder}/profile",
            *(["--no-sandbox"] if os.geteuid() == 0 else []),  # Chromium refuses to run as root otherwise
            page.as_uri(),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if not taken.exists():
            raise BrowserError(f"{command[0]} took no screenshot: {done.stderr.strip()[-300:]}")
        with Image.open(taken) as picture:
            _small(picture).save(file, optimize=True)


def _small(picture: Image.Image) -> Image.Image:
    """Return a picture with 256 colours, which takes a third of the bytes; as it is if it is transparent anywhere."""
    if picture.convert("RGBA").getchannel("A").getextrema() != (255, 255):
        return picture.copy()
    opaque = picture.convert("RGB")
    return opaque.quantize(palette=opaque.quantize(kmeans=3), dither=Image.Dither.FLOYDSTEINBERG)


def _browser() -> str:
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, _NAMES)), None)
    if not found:
        raise BrowserError(
            "Screenshots need Chromium, and there is none on the PATH. Install it (on Debian: apt install chromium),"
            " or set CHROMIUM to its path."
        )
    return found
