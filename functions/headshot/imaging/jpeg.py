"""The structure of JPEG files (ITU-T T.81 annex B)."""

import re
import struct
from collections.abc import Iterator

from headshot.imaging import exif
from headshot.imaging.errors import BrokenImageError, ImageTooComplexError
from headshot.imaging.header import Header
from headshot.imaging.limits import (
    MAX_JPEG_COEFFICIENTS,
    MAX_JPEG_SCANNED_PIXELS,
    MAX_JPEG_SCANS,
    MAX_JPEG_SEGMENTS,
    MAX_PIXELS_WITHOUT_END,
)

SIGNATURE = re.compile(rb"\xff\xd8\xff")

# Fill bytes, then a marker with a segment: neither a stuffed zero nor RST, SOI, TEM, which stand alone.
_MARKER = re.compile(rb"\xff+([\x02-\xcf\xd9-\xfe])")
_DHT, _DAC, _EOI, _SOS, _DQT, _DRI, _APP1, _APP2 = 0xC4, 0xCC, 0xD9, 0xDA, 0xDB, 0xDD, 0xE1, 0xE2
_SOF = frozenset(range(0xC0, 0xD0)) - {_DHT, 0xC8, _DAC}
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}

# Tables, and what decides about colours. Every other application segment is about something else.
_ESSENTIAL = _SOF | {_DHT, _DAC, _DQT, _DRI}

# With the bytes that their bodies have at least: libjpeg leaves shorter ones alone, Pillow rejects the picture.
_ESSENTIAL_APP = ((0xE0, b"JFIF\0", 14), (0xEE, b"Adobe", 12))

# Before each part of a profile: this, the part's number, from 1, and the number of parts (ICC.1 §B.4).
_PROFILE = b"ICC_PROFILE\0"


def read_header(data: bytes) -> Header:
    """Read the segments up to the first scan, and count the scans where the decoder must hold all coefficients.

    Raises
    ------
    BrokenImageError
        If there is no frame, or no scan after it.
    ImageTooComplexError
        If segments, scans or coefficients are more than a photograph has.
    """
    stripped: list[bytes | memoryview] = [b"\xff\xd8"]
    profile: list[bytes] = []
    orientation, frame = None, None
    for marker, start, body, end in _segments(data):
        if marker in _SOF:
            if frame or len(data) < body + 6:
                raise BrokenImageError
            frame = struct.unpack_from(">HHB", data, body + 1)
            progressive = marker in _PROGRESSIVE
        elif marker == _APP1 and orientation is None and data.startswith(b"Exif\0\0", body):
            orientation = exif.orientation(data[body:end])
        elif marker == _APP2 and data.startswith(_PROFILE, body) and end - body >= len(_PROFILE) + 2:
            profile.append(data[body + len(_PROFILE) : end])
        elif marker == _SOS:
            if frame is None:
                raise BrokenImageError
            height, width, components = frame
            one_scan = not progressive and data[body : body + 1] == bytes([components])
            if not one_scan:
                _check_scans(data, start, width * height, components)
            # Of several scans, nothing but the end marker tells whether all are there.
            has_end = not one_scan or width * height > MAX_PIXELS_WITHOUT_END or data.rfind(b"\xff\xd9", body) >= 0
            stripped.append(memoryview(data)[start - 1 :])  # megabytes, copied once
            return Header("JPEG", width, height, b"".join(stripped), orientation or 1, _join_profile(profile), has_end)
        if marker in _ESSENTIAL or any(
            marker == app and end - body >= length and data.startswith(name, body)
            for app, name, length in _ESSENTIAL_APP
        ):
            stripped.append(data[start - 1 : end])
    raise BrokenImageError


def _join_profile(parts: list[bytes]) -> bytes:
    """Return the profile that is stored in `parts`, in whatever order, or nothing if not all of them are there."""
    parts.sort()
    return b"".join(part[2:] for part in parts) if parts and parts[0][1] == len(parts) else b""


def _segments(data: bytes, position: int = 2) -> Iterator[tuple[int, int, int, int]]:
    """Yield each segment up to the end of the image: its marker, and where marker, body and next segment begin."""
    for _ in range(MAX_JPEG_SEGMENTS):
        found = _MARKER.search(data, position)
        if found is None or data[found.start(1)] == _EOI:
            return
        start = found.start(1)
        position = start + 1 + int.from_bytes(data[start + 1 : start + 3])
        if position < start + 3:
            return
        yield data[start], start, start + 3, position
    raise ImageTooComplexError(
        f"The JPEG file has over {MAX_JPEG_SEGMENTS} segments. Save it again without its metadata."
    )


def _check_scans(data: bytes, first: int, pixels: int, components: int) -> None:
    """Reject more scans, or more coefficients, than a photograph has."""
    if components * pixels > MAX_JPEG_COEFFICIENTS:
        raise ImageTooComplexError(
            f"The progressive JPEG has {components} components of {pixels / 1e6:.1f} megapixels; at most"
            f" {MAX_JPEG_COEFFICIENTS // 1_000_000} megapixels in all are accepted. Save it as a baseline JPEG."
        )
    most = min(MAX_JPEG_SCANS, MAX_JPEG_SCANNED_PIXELS // max(pixels, 1))
    # Every scan begins with these two bytes, which in few other places stand next to each other: counting them is fast
    # and never counts too few.
    if data.count(b"\xff\xda", first - 1) <= most:
        return
    scans = sum(marker == _SOS for marker, *_ in _segments(data, first - 1))
    if scans > most:
        raise ImageTooComplexError(
            f"The JPEG has {scans} scans of {pixels / 1e6:.1f} megapixels; at most {most} are accepted at that size."
            " Save it as a baseline JPEG."
        )
