"""Everything that Headshot rejects, as exceptions.

Each has an HTTP status (RFC 9110), a `code` that never changes, and a detail for a person. Only `headshot.http` turns
them into problem documents (RFC 9457). What is wrong with pictures is in `headshot.imaging.errors`.
"""

from http import HTTPStatus
from typing import ClassVar

# The names of these constants changed with Python 3.13.
_CONTENT_TOO_LARGE, _UNPROCESSABLE_CONTENT = HTTPStatus(413), HTTPStatus(422)


class Problem(Exception):  # noqa: N818  RFC 9457 calls it a problem
    """A request that Headshot rejects.

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
        """Headers of this problem's answer, besides those of every problem."""
        return {}


class NotFound(Problem):
    """The one answer for everything that does not exist, so that a guess reveals nothing."""

    status = HTTPStatus.NOT_FOUND
    code = "not-found"

    def __init__(self) -> None:
        super().__init__("There is nothing at this address. Check the user id and the path.")


class VersionRequired(Problem):
    """The stack serves photos only at URLs with a version. The answer is the same for every user, known or not."""

    status = HTTPStatus.NOT_FOUND
    code = "version-required"

    def __init__(self) -> None:
        super().__init__("This address serves photos only by their whole URL, as in the record. It contains a version.")


class Forbidden(Problem):
    """The route is not public, and IAM has identified no caller."""

    status = HTTPStatus.FORBIDDEN
    code = "forbidden"

    def __init__(self) -> None:
        super().__init__(
            "This address is not public. Sign the request with AWS Signature Version 4, as a caller that IAM allows."
        )


class MethodNotAllowed(Problem):
    """The address exists, and supports other methods (RFC 9110 §15.5.6)."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    code = "method-not-allowed"

    def __init__(self, allowed: str) -> None:
        super().__init__(f"This address does not support the method. Use one of {allowed}.")
        self.allowed = allowed

    @property
    def headers(self) -> dict[str, str]:
        """`Allow`, which RFC 9110 requires for this status."""
        return {"Allow": self.allowed}


class InvalidUserId(Problem):
    """The user id is not one that Headshot can keep."""

    status = HTTPStatus.BAD_REQUEST
    code = "invalid-user-id"


class EmptyBody(Problem):
    """The upload has no body."""

    status = HTTPStatus.BAD_REQUEST
    code = "empty-body"


class InvalidJson(Problem):
    """The Content-Type is JSON, but the body is not the expected object."""

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
    """S3 does not return the file in the drop box: it is archived, or encrypted with a key that Headshot lacks."""

    status = _UNPROCESSABLE_CONTENT
    code = "unreadable-file"


class InvalidQuery(Problem):
    """A query parameter has a value that the route does not understand."""

    status = HTTPStatus.BAD_REQUEST
    code = "invalid-query"


class UploadConflict(Problem):
    """Another request changed the user's photo at the same moment."""

    status = HTTPStatus.CONFLICT
    code = "upload-conflict"


class StoreUnavailable(Problem):
    """An AWS service failed. Nothing is lost, and the request can be sent again."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "store-unavailable"

    def __init__(self, service: str = "The photo store") -> None:
        super().__init__(f"{service} does not answer at the moment. Send the request again in a few seconds.")

    @property
    def headers(self) -> dict[str, str]:
        """`Retry-After` in seconds (RFC 9110 §10.2.3)."""
        return {"Retry-After": "5"}


class RecordTooNew(StoreUnavailable):
    """A later version of Headshot has stored the user's record. This one could misread it (`headshot.record`)."""

    code = "record-too-new"

    def __init__(self) -> None:
        super().__init__()
        self.detail = (
            "A later version of Headshot has stored this record, and this one may not read it. Deploy that one again,"
            " or a later one."
        )
        self.args = (self.detail,)


class StoreMissing(StoreUnavailable):
    """The bucket or a table no longer exists. Nothing helps but restoring it."""

    code = "store-missing"
    ADVICE = "docs/life.md says how to get it back."

    def __init__(self, what: str) -> None:
        super().__init__()
        self.detail = f"The stack's {what} no longer exists. {self.ADVICE}"
        self.args = (self.detail,)

    @property
    def headers(self) -> dict[str, str]:
        """No `Retry-After`: sending the request again does not help."""
        return {}
