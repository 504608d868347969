"""A folder of image files named after their users."""

import re
from dataclasses import dataclass
from pathlib import Path

from headshot_cli.output import note
from headshot_cli.sources import Candidate

# Endings of image files, accepted or not; the drop box has the same list (functions/headshot/stores/dropbox.py).
_IMAGE = re.compile(
    r"\.(jpe?g|jpe|jfif|jfi|jif|pjpeg|pjp|png|apng|gif|webp|heic|heif|hif|avif|jxl|jp2|j2k|jpx|tiff?|bmp|dib|ico|svg|tga"
    r"|psd|pdf|dng|cr2|cr3|nef|arw|raf|orf|rw2)$",
    re.IGNORECASE,
)

_NAMED = 3  # ignored files that a message names


@dataclass(frozen=True, slots=True)
class Folder:
    """Image files whose names, without the ending, are user ids; other files and hidden files are ignored.

    On shared disks, macOS puts a hidden `._ada.jpg` beside `ada.jpg`.
    """

    folder: Path

    def candidates(self) -> list[Candidate]:
        """Return the files in the order of their names, broken links included."""
        entries = [entry for entry in sorted(self.folder.iterdir()) if not entry.name.startswith(".")]
        images = [entry for entry in entries if _IMAGE.search(entry.name) and (entry.is_file() or not entry.exists())]
        if others := [entry.name for entry in entries if entry not in set(images)]:
            names = ", ".join(others[:_NAMED]) + (", …" if len(others) > _NAMED else "")
            note(f"Ignored {len(others)} that are not image files: {names}.")
        return [Candidate(_IMAGE.sub("", file.name), file.name, file.read_bytes) for file in images]
