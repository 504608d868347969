"""Uploads one picture, and reports what is wrong with it in the words of a person who has a file."""

from headshot import imaging
from headshot_cli.api import Api, ApiError, user_path
from headshot_cli.http import Response
from headshot_cli.stack import StackError


class PictureError(StackError):
    """The picture cannot become a photo; the text says what is wrong with it and what to do."""


def check(data: bytes) -> None:
    """Raise PictureError if the API would reject a picture. These are the API's own checks, run on this machine."""
    if not data:
        raise PictureError("The file is empty. Replace it with a picture.")
    try:
        imaging.normalise(data)
    except imaging.ImageError as error:
        raise PictureError(str(error)) from error


def upload(api: Api, user_id: str, data: bytes) -> Response:
    """Set a user's photo, and return the API's response: 201 with the record, or 200 if it was the photo already.

    Raises
    ------
    PictureError
        If the API rejects the picture.
    StackError
        If the API answers with another error, or not at all.
    """
    path = user_path(user_id)
    if not data:
        check(data)
    try:
        return api.send("PUT", path, data)
    except ApiError as error:
        if error.rejects_upload:
            check(data)  # the API speaks to programmers, of requests and their bodies
        raise
