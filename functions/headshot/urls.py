"""The names in Headshot's URLs: which user ids are valid, and how the URL of a photo is built and read.

HTTP APIs decode a path twice before a function sees it; `sam local` decodes it once (docs/decisions.md).
"""

import os
import re
from urllib.parse import quote, unquote

from headshot.problems import InvalidUserId, NotFound

# User ids are identity providers' own ids, logins or e-mail addresses, which have at most 254 characters (RFC 5321
# §4.5.3.1.3). Without slashes, lone dots, control characters and "%", they mean the same in a path, an S3 key and a log
# line. DEFAULT_USER is nobody's id: it holds the neutral photo that erased people get.
DEFAULT_USER = "_default"
_FIRST, _OTHER = "[A-Za-z0-9]", "[A-Za-z0-9._@+'~=-]"
USER_ID = re.compile(f"(?:{DEFAULT_USER}|{_FIRST}{_OTHER}{{0,253}})")

# A UUID for a form's upload, a hash of the file's name for any other file in the drop box.
UPLOAD_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_VERSION_FILE = re.compile(r"([0-9a-f]{32})\.jpg")
_PHOTO_URL = re.compile(rf"/photos/([^/]+)/{_VERSION_FILE.pattern}$")
_CURRENT_FILE = re.compile(rf"({USER_ID.pattern})\.jpg")


def parse_user_id(segment: str) -> str:
    """Return the user id in a segment of a path, or raise what `check_user_id` raises."""
    return check_user_id(_decoded(segment))


def check_user_id(user_id: str) -> str:
    """Return the user id unchanged.

    Raises
    ------
    InvalidUserId
        If it is not one that Headshot can keep; the detail names the first wrong character.
    """
    if not USER_ID.fullmatch(user_id):
        raise InvalidUserId(
            "A user id has 1 to 254 characters: a letter or digit, then letters, digits and . _ @ + ' ~ = - only; this"
            f" one {_flaw(user_id)}. Use the identity provider's id, login or e-mail address of the person."
        )
    return user_id


def _flaw(user_id: str) -> str:
    """Return what is wrong with a user id, with any character escaped as in Python."""
    if not re.match(_FIRST, user_id):
        return f"begins with {user_id[0]!r}" if user_id else "is empty"
    wrong = re.sub(_OTHER, "", user_id)
    return f"contains {wrong[0]!r}" if wrong else f"has {len(user_id)}"


def parse_version(user_segment: str, file_segment: str) -> tuple[str, str]:
    """Return the user id and version in `{user_id}/{version}.jpg`, or raise NotFound."""
    user_id, file = USER_ID.fullmatch(_decoded(user_segment)), _VERSION_FILE.fullmatch(file_segment)
    if not (user_id and file):
        raise NotFound
    return user_id[0], file[1]


def parse_current(segment: str) -> str:
    """Return the user id in `{user_id}.jpg`, or raise NotFound."""
    file = _CURRENT_FILE.fullmatch(_decoded(segment))
    if not file:
        raise NotFound
    return file[1]


def parse_upload_id(segment: str) -> str:
    """Return the upload id in a segment of a path, or raise NotFound."""
    if not UPLOAD_ID.fullmatch(segment):
        raise NotFound
    return segment


def encode(user_id: str) -> str:
    """Return the user id as a segment of a path.

    A plus is encoded twice: AWS does not document whether one of its two decodings turns it into a space.
    """
    return quote(user_id, safe="@").replace("%2B", "%252B")


def base_url() -> str:
    """Return the start of every photo's URL: the one the stack sets, or the API's own address."""
    return os.environ["BASE_URL"] or os.environ["API_ENDPOINT"]


def upload_path(user_id: str, upload_id: str) -> str:
    """Return the path on the API where the status of an upload can be read."""
    return f"/users/{encode(user_id)}/photo/uploads/{upload_id}"


def photo_owner(url: str) -> str | None:
    """Return the user id in the URL of a photo, or None if it is not a URL of ours."""
    found = _PHOTO_URL.search(url)
    return unquote(unquote(found[1])) if found else None


def photo_url(base_url: str, user_id: str, version: str) -> str:
    """Return the URL of one version of a photo, as it is published to the identity provider."""
    return f"{base_url}/photos/{encode(user_id)}/{version}.jpg"


def _decoded(segment: str) -> str:
    """Return a path parameter decoded twice, as API Gateway does; `sam local` has decoded it only once."""
    return unquote(segment) if os.environ.get("AWS_SAM_LOCAL") else segment
