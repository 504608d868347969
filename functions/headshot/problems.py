"""Everything that Headshot rejects, and what it tells the caller to do about it.

Each refusal is an exception that knows its HTTP status (RFC 9110), a `code` that never changes, and a sentence for a
person. `headshot.http` turns it into a problem document (RFC 9457); nothing else does.
"""

from http import HTTPStatus
from typing import ClassVar

# The names of these constants changed with Python 3.13.
_CONTENT_TOO_LARGE, _UNPROCESSABLE_CONTENT = HTTPStatus(413), HTTPStatus(422)


class Problem(Exception):  # noqa: N818  RFC 9457 calls it a problem
    """A request that cannot be answered as asked.

    Parameters
    ----------
    detail : str
        What is wrong and what to do, for a person. Never holds what a stranger must not know.
    """

    status: HTTPStatus
    code: str

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    @property
    def headers(self) -> dict[str, str]:
        """Headers that the answer carries besides those of every problem."""
        return {}


class NotFound(Problem):
    """The one answer to whatever does not exist, so that a guess teaches nothing."""

    status = HTTPStatus.NOT_FOUND
    code = "not-found"

    def __init__(self) -> None:
        super().__init__("There is nothing at this address.")


class Forbidden(Problem):
    """IAM has identified no caller, and the route is not public."""

    status = HTTPStatus.FORBIDDEN
    code = "forbidden"

    def __init__(self) -> None:
        super().__init__("This address needs a signature of a caller that IAM allows in (AWS Signature Version 4).")


class MethodNotAllowed(Problem):
    """The address exists and knows other methods (RFC 9110 §15.5.6)."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    code = "method-not-allowed"

    def __init__(self, allowed: str) -> None:
        super().__init__(f"This address answers {allowed}.")
        self.allowed = allowed

    @property
    def headers(self) -> dict[str, str]:
        """`Allow`, which RFC 9110 requires with this status."""
        return {"Allow": self.allowed}


class InvalidUserId(Problem):
    """The user id in the path is not one that Headshot can keep."""

    status = HTTPStatus.BAD_REQUEST
    code = "invalid-user-id"


class EmptyBody(Problem):
    """The upload has no body."""

    status = HTTPStatus.BAD_REQUEST
    code = "empty-body"


class InvalidJson(Problem):
    """The body is announced as JSON and is not the object that is expected."""

    status = HTTPStatus.BAD_REQUEST
    code = "invalid-json"


class InvalidBase64(Problem):
    """The image in the JSON body is not base64 (RFC 4648 §4)."""

    status = HTTPStatus.BAD_REQUEST
    code = "invalid-base64"


class ImageProblem(Problem):
    """A picture that `headshot.imaging` does not accept, under the error's own code.

    The statuses are listed here by code because functions that serve no uploads lack the imaging library.
    """

    STATUSES: ClassVar[dict[str, HTTPStatus]] = {
        "image-too-large": _CONTENT_TOO_LARGE,
        "too-many-pixels": _CONTENT_TOO_LARGE,
        "unsupported-format": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "broken-image": _UNPROCESSABLE_CONTENT,
        "image-too-small": _UNPROCESSABLE_CONTENT,
        "image-too-complex": _UNPROCESSABLE_CONTENT,
        "invalid-crop": HTTPStatus.BAD_REQUEST,
    }

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.status = code, self.STATUSES[code]


class UnreadableFile(Problem):
    """A file in the drop box that S3 does not hand out: encrypted with a key of somebody else's, or archived."""

    status = _UNPROCESSABLE_CONTENT
    code = "unreadable-file"


class InvalidQuery(Problem):
    """A parameter of the query is not one that the address understands."""

    status = HTTPStatus.BAD_REQUEST
    code = "invalid-query"


class UploadConflict(Problem):
    """Something else changed the user's photo while this upload was under way."""

    status = HTTPStatus.CONFLICT
    code = "upload-conflict"


class StoreUnavailable(Problem):
    """An AWS service did not do what it was asked to. Nothing is lost: the request can be sent again."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "store-unavailable"

    def __init__(self, service: str = "The photo store") -> None:
        super().__init__(f"{service} does not answer at the moment. Send the request again in a few seconds.")

    @property
    def headers(self) -> dict[str, str]:
        """`Retry-After` in seconds (RFC 9110 §10.2.3)."""
        return {"Retry-After": "5"}
