"""A bad request is answered with what is wrong, and changes nothing."""

import base64
import json

import pytest

from local import portrait
from local.gateway import decode
from tests import bombs, pictures
from tests.unit.test_urls import BAD_USER_IDS

ADA = portrait.jpeg("Ada Lovelace", (300, 400))


def assert_problem(answer, status, code):
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    document = answer.json()
    assert (document["status"], document["code"]) == (status, code)
    assert document["detail"].endswith(".")


@pytest.mark.parametrize("query", ["gravity=middle", "crop=0-0", "crop=200-0-300", "crop=0-0-63"])
def test_an_invalid_crop_is_rejected(uploader, query):
    answer = uploader.put(f"/users/nobody/photo?{query}", data=ADA, headers={"Content-Type": "image/jpeg"})
    assert_problem(answer, 400, "invalid-crop")
    assert_problem(uploader.record("nobody"), 404, "not-found")


@pytest.fixture
def bystander_photo(uploader, stranger):
    """A user with a photo that must survive the test."""
    record = uploader.upload("survivor", ADA).json()
    yield "survivor"
    assert uploader.record("survivor").json() == record
    assert stranger.head(record["url"]).status_code == 200


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        pytest.param(b"", "image/jpeg", 400, "empty-body", id="empty body"),
        pytest.param(b"", "application/json", 400, "empty-body", id="empty JSON body"),
        pytest.param(b"%PDF-1.7 and so on", "application/pdf", 415, "unsupported-format", id="not an image"),
        pytest.param(b"%PDF-1.7 and so on", "image/jpeg", 415, "unsupported-format", id="a type that lies"),
        pytest.param(ADA, "text/plain", 415, "unsupported-format", id="an image sent as text"),
        pytest.param(ADA[: len(ADA) // 2], "image/jpeg", 422, "broken-image", id="cut in half"),
        pytest.param(pictures.png_header(100_000, 100_000), "image/png", 413, "too-many-pixels", id="bomb"),
        pytest.param(pictures.plain(size=(40, 40)), "image/png", 422, "image-too-small", id="too small"),
        pytest.param(b"\0\0\0\x1cftypheic", "image/heic", 415, "unsupported-format", id="HEIC"),
        pytest.param(
            bombs.jpeg_with_scans(300, (64, 64)), "image/jpeg", 422, "image-too-complex", id="a thousand scans"
        ),
        pytest.param(ADA + bytes(4_500_000), "image/jpeg", 413, "image-too-large", id="too many bytes"),
        pytest.param(ADA, "application/json", 400, "invalid-json", id="an image sent as JSON"),
        pytest.param(b"[" * 100_000, "application/json", 400, "invalid-json", id="JSON without an end"),
        pytest.param(b"[]", "application/json", 400, "invalid-json", id="JSON that is no object"),
        pytest.param(b"{}", "application/json", 400, "invalid-json", id="JSON without image"),
        pytest.param(b'{"image": 1}', "application/json", 400, "invalid-json", id="image that is no string"),
        pytest.param(b'{"image": ""}', "application/json", 400, "empty-body", id="empty image in JSON"),
        pytest.param(b'{"image": "%%%"}', "application/json", 400, "invalid-base64", id="base64 that isn't"),
        pytest.param(b'{"image": "abc"}', "application/json", 400, "invalid-base64", id="base64 cut off"),
        pytest.param('{"image": "ż"}'.encode(), "application/json", 400, "invalid-base64", id="base64 beyond ASCII"),
        pytest.param(
            json.dumps({"image": base64.b64encode(ADA[:500]).decode()}).encode(),
            "application/json; charset=utf-8",
            422,
            "broken-image",
            id="cut in half in JSON",
        ),
    ],
)
def test_a_bad_upload_is_rejected(uploader, bystander_photo, body, content_type, status, code):
    assert_problem(uploader.upload(bystander_photo, body, content_type), status, code)


def test_the_announced_type_of_an_image_does_not_matter(uploader):
    png = pictures.plain()
    for content_type in ("image/jpeg", "application/octet-stream", "application/x-www-form-urlencoded"):
        assert uploader.upload("misnamed", png, content_type).status_code in (200, 201)


@pytest.mark.parametrize("user_id", ["%2e%2e", "%00", "a%07b", "a%252540b", "%25C5%25BC", "a%20b", "-a", "a" * 300])
def test_an_invalid_user_id_is_rejected(uploader, user_id):
    for answer in (uploader.upload(user_id, ADA), uploader.record(user_id), uploader.erase(user_id)):
        assert_problem(answer, 400, "invalid-user-id")


def test_a_slash_in_a_user_id_makes_it_another_path(uploader):
    for user_id in ("a/b", "a%2Fb"):
        for answer in (uploader.upload(user_id, ADA), uploader.record(user_id), uploader.erase(user_id)):
            assert_problem(answer, 404, "not-found")


def test_an_unknown_person_has_no_record(uploader):
    assert_problem(uploader.record("nobody"), 404, "not-found")


VERSION = "0" * 32
NOWHERE = [
    *[
        "/",
        "/photos",
        "/photos/",
        "/photos/nobody",
        "/photos/nobody.png",
        "/photos/.jpg",
        "/favicon.ico",
        "/photos//x.jpg",
    ],
    *[f"/photos/nobody/{VERSION}.jpg", f"/photos/nobody/{VERSION}.png", "/photos/nobody/1.jpg", "/photos/a/b/c.jpg"],
    *["/users/nobody", "/users/nobody/photos", "/photos/..%2f..%2fetc%2fpasswd.jpg", "/photos/%00.jpg"],
    *["/photos/%ff%fe.jpg", f"/photos/{'a' * 300}.jpg"],
]


def test_everything_that_does_not_exist_gets_the_same_404(uploader, raw):
    uploader.upload("somebody", ADA)
    known = raw("GET", "/photos/nobody.jpg")
    assert (known.status, known.json()["code"]) == (404, "not-found")
    changing = {"date", "apigw-requestid"}
    for target in [
        *NOWHERE,
        f"/photos/somebody/{VERSION}.jpg",
        f"/photos/SOMEBODY/{VERSION}.jpg",
        "/photos/Somebody.jpg",
    ]:
        answer = raw("GET", target)
        assert (target, answer.status, answer.body) == (target, 404, known.body)
        assert answer.headers.keys() - changing == known.headers.keys() - changing
        assert raw("HEAD", target).status == 404


@pytest.mark.parametrize(
    "user_id", [user_id for user_id in BAD_USER_IDS if user_id.isascii() and user_id.isprintable()]
)
def test_no_invalid_user_id_is_served_or_causes_an_error(raw, user_id):
    expected = 400 if decode(user_id) is None else 404
    for target in (f"/photos/{user_id}.jpg", f"/photos/{user_id}/{VERSION}.jpg"):
        assert raw("GET", target.replace(" ", "%20")).status == expected


@pytest.mark.parametrize(
    ("target", "allow", "methods"),
    [
        ("/photos/ada.jpg", "GET, HEAD", ["POST", "PUT", "PATCH", "DELETE"]),
        (f"/photos/ada/{VERSION}.jpg", "GET, HEAD", ["POST", "PUT", "PATCH", "DELETE"]),
        ("/users", "GET", ["POST", "HEAD"]),
        ("/users/ada/photo", "DELETE, GET, PUT", ["POST", "PATCH", "HEAD"]),
        ("/users/ada/photo/uploads", "GET, POST", ["PUT", "DELETE"]),
        ("/users/ada/photo/uploads/1", "GET", ["PUT", "DELETE"]),
        ("/uploads", "GET", ["POST", "DELETE"]),
    ],
)
def test_a_wrong_method_is_answered_405_with_the_right_ones(raw, target, allow, methods):
    for method in methods:
        answer = raw(method, target, {"Content-Length": "0"})
        assert (method, answer.status, answer.headers["allow"]) == (method, 405, allow)
        if method != "HEAD":
            assert answer.json()["code"] == "method-not-allowed"
