"""Converts HEIC pictures, which neither the API nor Pillow reads, in a separate process.

A HEIC decoder is a large C++ parser with frequent security fixes (docs/decisions.md). So it never runs in the process
that holds the administrator's credentials, and its memory and time are limited.
"""

import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from headshot_cli.stack import StackError

# 48 megapixels, the most that phones take, need 490 MB and 3 seconds.
_MEMORY_BYTES = 1_000_000_000
_CPU_SECONDS = 30

# Seconds after which a decoder that uses no CPU time is killed.
_PATIENCE_SECONDS = 300

# Part of macOS, which keeps it up to date.
_SIPS = Path("/usr/bin/sips")
_DECODER = Path(__file__).with_name("heic_decoder.py")

# Brands of files with HEVC pictures (ISO/IEC 23008-12 annex B).
_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}


class ConversionError(StackError):
    """The HEIC picture cannot be converted; the text says what to do."""


def is_heic(data: bytes) -> bool:
    """Return whether the first box of a file names a HEIC brand (ISO/IEC 14496-12 §4.3)."""
    names = data[8 : min(int.from_bytes(data[:4]), 256)]
    return data[4:8] == b"ftyp" and any(names[at : at + 4] in _BRANDS for at in range(0, len(names), 4))


def convert(data: bytes, side: int) -> bytes:
    """Return the picture of a HEIC file, upright, in a format that Pillow reads.

    Unless macOS converts it, its shorter side has at most `side` pixels.

    Raises
    ------
    ConversionError
        If there is no decoder, or it fails or exceeds its limits.
    """
    try:
        if _SIPS.exists():
            return _by_sips(data)
        if find_spec("pi_heif"):
            return _by_pi_heif(data, side)
    except (subprocess.SubprocessError, OSError) as error:
        raise ConversionError(
            "The HEIC picture cannot be converted: it is damaged, or it needs more memory or time than a photo does."
            " Export it as JPEG from the program that shows it."
        ) from error
    raise ConversionError(
        "The file is a HEIC picture, which this installation cannot convert. Add the decoder with"
        " `pipx inject headshot-cli pi-heif-decoder`, or convert the whole folder with"
        " `mkdir jpeg && magick mogrify -path jpeg -format jpg *.heic` and import the folder jpeg."
    )


def _by_pi_heif(data: bytes, side: int) -> bytes:
    return _run([sys.executable, "-I", str(_DECODER), str(side), str(_MEMORY_BYTES), str(_CPU_SECONDS)], data)


def _by_sips(data: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "photo.heic"), Path(folder, "photo.jpg")
        source.write_bytes(data)
        limited = ["/bin/sh", "-c", f'ulimit -t {_CPU_SECONDS}; exec "$@"', "sh", str(_SIPS)]
        options = ["-s", "format", "jpeg", "-s", "formatOptions", "95", str(source), "--out", str(target)]
        _run([*limited, *options])
        return target.read_bytes()


def _run(command: list[str], data: bytes = b"") -> bytes:
    """Return a command's output for the input `data`. It runs without this process's environment and credentials."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}  # Python needs it on Windows
    done = subprocess.run(  # noqa: S603  one of the two commands above
        command, input=data, capture_output=True, check=True, timeout=_PATIENCE_SECONDS, env=kept
    )
    return done.stdout
