"""The picture in a PUT request, and the words about one that is not accepted, for each way in."""

import re
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import pytest

from headshot import imaging
from headshot.file import split
from headshot.http import Request
from headshot.imaging import Gravity, ImageError, InvalidCropError, Square
from headshot.ingest import Ingester
from headshot.problems import ImageProblem
from headshot.stores.uploads import Upload
from tests import pictures
from tests.unit.memory import MemoryDropBox, MemoryPhotos, MemoryRecords, MemoryUploads
from upload.picture import problem_of, read_crop

FORM = "ada/33c9281c-49eb-4cae-a410-fa497133bed8"
PUT = Request("PUT", "/users/ada/photo", {}, {"user_id": "ada"}, {}, b"", "https://api.example.com", "arn")

TOO_LARGE = b"\xff\xd8\xff" + bytes(26_000_000)
NO_PICTURE = b"no picture"

# Words that mean something to callers of the API, or to users of the drop box.
HTTP_WORDS = re.compile(r"\bbody\b|base64|Content-Type|POST|PUT|JSON|route|address|form\b", re.IGNORECASE)
DROP_BOX_WORDS = re.compile("drop box|another form")


def rejected(data: bytes) -> ImageError:
    with pytest.raises(ImageError) as caught:
        imaging.normalise(data)
    return caught.value


@pytest.mark.parametrize(
    "data",
    [TOO_LARGE, NO_PICTURE, b"%PDF-1.7", pictures.plain()[:60]],
    ids=["too large", "no picture", "PDF", "incomplete"],
)
def test_imaging_speaks_of_the_picture_only(data):
    detail = rejected(data).detail
    assert not HTTP_WORDS.search(detail)
    assert not DROP_BOX_WORDS.search(detail)


@pytest.mark.parametrize(
    ("data", "advice"),
    [
        (TOO_LARGE, "Or send the file with a form from POST /users/{user_id}/photo/uploads, which takes up to 25 MB."),
        (NO_PICTURE, 'Send the file itself as the body, or JSON with the file in base64: {"image": "<base64>"}.'),
        (pictures.plain(size=(40, 40)), ""),
    ],
    ids=["too large", "no picture", "too small"],
)
def test_the_answer_to_a_put_adds_how_to_send_the_picture(data, advice):
    error = rejected(data)
    problem = problem_of(error)
    assert problem.code == error.code
    assert problem.detail.startswith(error.detail)
    assert problem.detail.endswith(advice or error.detail)


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("ada.jpg", "Then copy it to the drop box again."),
        (FORM, "Then request another form: each takes one file."),
    ],
)
@pytest.mark.parametrize("data", [TOO_LARGE, NO_PICTURE], ids=["too large", "no picture"])
def test_an_upload_through_the_drop_box_adds_how_to_upload_the_next_file(name, advice, data):
    drop_box, uploads = MemoryDropBox(), MemoryUploads()
    uploads.put(Upload(*split(FORM), "waiting", "2026-01-02T03:04:05.000Z", principal="arn"))
    drop_box.drop(name, data)
    ingester = Ingester(drop_box, MemoryPhotos(), MemoryRecords(), uploads, "https://photos.example.com")
    upload = ingester.ingest(name)
    assert upload
    assert upload.detail
    assert upload.status == "rejected"
    assert upload.detail.endswith(f". {advice}")
    assert not HTTP_WORDS.search(upload.detail.removesuffix(advice))


def test_every_error_of_imaging_has_a_status():
    assert {error.code for error in ImageError.__subclasses__()} == ImageProblem.STATUSES.keys()
    for code, status in ImageProblem.STATUSES.items():
        assert ImageProblem(code, "").status == status
        assert HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR


def asked(gravity: str | None, crop: str | None) -> Request:
    query: dict[str, Any] = {"gravity": gravity, "crop": crop}
    return replace(PUT, query={name: value for name, value in query.items() if value is not None})


@pytest.mark.parametrize(
    ("gravity", "crop", "expected"),
    [
        (None, None, Gravity.UPPER_THIRD),
        ("centre", None, Gravity.CENTRE),
        (None, "10-20-300", Square(10, 20, 300)),
        ("top", "10-20-300", Square(10, 20, 300)),
    ],
)
def test_a_crop_is_read(gravity, crop, expected):
    assert read_crop(asked(gravity, crop)) == expected


@pytest.mark.parametrize(
    ("gravity", "crop"),
    [("middle", None), ("", None), (None, ""), (None, "1-2"), (None, "1-2-x"), (None, "1-2-3-4"), (None, "-1-2-3")],
)
def test_an_invalid_crop_is_rejected_with_the_valid_ones(gravity, crop):
    with pytest.raises(InvalidCropError, match=r"gravity=upper-third\|centre\|top.*crop=left-top-side"):
        read_crop(asked(gravity, crop))
