"""A file in the drop box, and what its name says.

A file is named after its user, as in `{user_id}.jpg`, with any image extension or none. An upload by form has a folder:
`{user_id}/{upload_id}`.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

# Extensions of image files, accepted or not. None of them is a top-level domain: user ids may be e-mail addresses.
# headshot_cli/sources/folder.py has the same list.
_EXTENSION = re.compile(
    r"\.(jpe?g|jpe|jfif|jfi|jif|pjpeg|pjp|png|apng|gif|webp|heic|heif|hif|avif|jxl|jp2|j2k|jpx|tiff?|bmp|dib|ico|svg|tga"
    r"|psd|pdf|dng|cr2|cr3|nef|arw|raf|orf|rw2)$",
    re.IGNORECASE,
)

# The name of a form's file: the user id and a UUID.
_FORM = re.compile(r"([^/]+)/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


@dataclass(frozen=True, slots=True)
class File:
    """A file in the drop box: its newest S3 version, with its size in bytes, and the ids of the older ones."""

    name: str
    s3_version_id: str
    size: int
    older: tuple[str, ...]

    @property
    def user_id(self) -> str:
        """The user that the file is named after. It may be no valid user id."""
        return split(self.name)[0]

    @property
    def upload_id(self) -> str:
        """The id of the upload, unique among the user's uploads."""
        return split(self.name)[1]

    @property
    def is_form(self) -> bool:
        """Whether the file has the name of an upload by form."""
        return _FORM.fullmatch(self.name) is not None


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """The name of a file in the drop box, and since when it has been there."""

    name: str
    since: datetime


def split(name: str) -> tuple[str, str]:
    """Return the user id and the upload id that belong to the name of a file.

    A form names its file after both. The user id of any other file is its name without extension, or its first folder;
    the upload id is a hash of the name, which may contain characters that do not survive in a path, such as `%`.
    Neither id is empty, because DynamoDB does not accept an empty key.
    """
    form = _FORM.fullmatch(name)
    if form:
        return form[1], form[2]
    folder, slash, _ = name.partition("/")
    user_id = folder if slash else _EXTENSION.sub("", name) or name
    return user_id or "?", hashlib.sha256(name.encode()).hexdigest()[:32]
