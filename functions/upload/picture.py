"""The picture in a PUT request: how it is read, and how the answer says what is wrong with it."""

import base64
import json

from headshot.http import Request
from headshot.imaging import Crop, Gravity, ImageError, ImageTooLargeError, InvalidCropError, Square, UnknownFormatError
from headshot.problems import EmptyBody, ImageProblem, InvalidBase64, InvalidJson

# What else a caller of PUT can do about an error, besides what imaging says about the picture.
_ADVICE: dict[type[ImageError], str] = {
    ImageTooLargeError: (
        "Or send the file with a form from POST /users/{user_id}/photo/uploads, which takes up to 25 MB."
    ),
    UnknownFormatError: 'Send the file itself as the body, or JSON with the file in base64: {"image": "<base64>"}.',
}


def read_image(request: Request) -> bytes:
    """Return the bytes of the image file: the body itself, or "image" of a JSON body, decoded.

    Raises
    ------
    EmptyBody, InvalidJson, InvalidBase64
        If there is none.
    """
    announced = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    image = _from_json(request.body) if announced == "application/json" and request.body else request.body
    if not image:
        raise EmptyBody(
            'The request has no picture. Send an image file as the body, or {"image": "<base64>"} as application/json.'
        )
    return image


def read_crop(request: Request) -> Crop:
    """Return the square that the query asks for: `crop=left-top-side`, or else `gravity`, or else the default.

    Hyphens mean themselves in a query; clients and AWS disagree about commas when they sign a request.

    Raises
    ------
    InvalidCropError
        If the query names neither a square nor a gravity.
    """
    gravity, crop = request.query.get("gravity"), request.query.get("crop")
    try:
        if crop is not None:
            return Square(*map(int, crop.split("-")))
        return Gravity(gravity) if gravity is not None else Gravity.UPPER_THIRD
    except (ValueError, TypeError) as error:
        raise InvalidCropError(
            f"The query does not say where to crop. Use gravity={'|'.join(Gravity)}, or crop=left-top-side in pixels of"
            " the upright picture, or leave both out."
        ) from error


def problem_of(error: ImageError) -> ImageProblem:
    """Return the answer to a PUT whose picture is not accepted."""
    advice = _ADVICE.get(type(error))
    return ImageProblem(error.code, f"{error.detail} {advice}" if advice else error.detail)


def _from_json(body: bytes) -> bytes:
    """Decode {"image": "<base64>"}."""
    try:
        encoded = json.loads(body)["image"]
    except (ValueError, TypeError, KeyError, RecursionError):
        encoded = None
    if not isinstance(encoded, str):
        raise InvalidJson(
            'The JSON body is not an object with the image file, in base64, as the string "image". Send {"image":'
            ' "<base64>"}, or the file itself under its own Content-Type, such as image/jpeg.'
        )
    try:
        return base64.b64decode("".join(encoded.split()), validate=True)  # the base64 command wraps its lines
    except ValueError as error:
        raise InvalidBase64(
            'The string "image" is not base64 (RFC 4648 §4), or is cut off. Encode the file again.'
        ) from error
