"""Reads the orientation, the only thing needed from an EXIF block.

Pillow's reader copies the value of every entry: 64 kB of overlapping entries become hundreds of megabytes.
"""

from typing import Literal

_ORIENTATION, _LONG = 0x0112, 4
_BYTE_ORDERS: dict[bytes, Literal["little", "big"]] = {b"II": "little", b"MM": "big"}


def orientation(block: bytes) -> int:
    """Return the orientation in an EXIF block, 1 to 8 (Exif 3.0 §4.6.4); 1, upright, if it is absent or broken."""
    block = block.removeprefix(b"Exif\0\0")
    order = _BYTE_ORDERS.get(block[:2])
    if order is None:
        return 1

    def number(at: int, size: int) -> int:
        return int.from_bytes(block[at : at + size], order)

    first = number(4, 4) + 2
    end = min(first + 12 * number(first - 2, 2), len(block))
    for entry in range(first, end, 12):
        if number(entry, 2) == _ORIENTATION:
            value = number(entry + 8, 4 if number(entry + 2, 2) == _LONG else 2)
            return value if value in range(1, 9) else 1
    return 1
