"""The one thing that a picture needs of its EXIF block.

Pillow's reader copies the value of every entry: 64 kB whose entries overlap become hundreds of megabytes.
"""

from typing import Literal

_ORIENTATION, _LONG = 0x0112, 4
_BYTE_ORDERS: dict[bytes, Literal["little", "big"]] = {b"II": "little", b"MM": "big"}


def orientation(block: bytes) -> int:
    """Give the orientation, 1 to 8, of an EXIF block (Exif 3.0 §4.6.4), or 1 (upright) where it is absent or broken."""
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
