"""A folder of image files that are named after their users."""

import re
from dataclasses import dataclass
from pathlib import Path

from admin.sources import Candidate, unique

# Endings of image files, accepted or not, as the drop box knows them (functions/headshot/incoming.py).
_IMAGE = re.compile(
    r"\.(jpe?g|jpe|jfif|jfi|jif|pjpeg|pjp|png|apng|gif|webp|heic|heif|hif|avif|jxl|jp2|j2k|jpx|tiff?|bmp|dib|ico|svg|tga"
    r"|psd|pdf|dng|cr2|cr3|nef|arw|raf|orf|rw2)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Folder:
    """Image files whose names, without the ending, are user ids; other files, and hidden ones, are left alone.

    macOS puts hidden ones, `._ada.jpg`, beside the real ones where a disk is shared.
    """

    folder: Path

    def candidates(self) -> list[Candidate]:
        """Give the files in the order of their names."""
        files = (file for file in sorted(self.folder.iterdir()) if file.is_file() and not file.name.startswith("."))
        images = (file for file in files if _IMAGE.search(file.name))
        return unique(Candidate(_IMAGE.sub("", _text(file)), _text(file), file.read_bytes) for file in images)


def _text(file: Path) -> str:
    """Give a file's name as text, which on Linux it need not be."""
    return file.name.encode(errors="replace").decode()
