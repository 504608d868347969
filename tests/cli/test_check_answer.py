"""What is told of a server's answer."""

import gzip

import pytest
from PIL import Image

from tests import pictures
from tests.cli.servers import ALL_WELL, JPEG, failures, found, head_of, impatient, of, reply, serve

__all__ = ["impatient", "serve"]


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"])
def test_a_redirect_is_not_followed_and_its_goal_is_told(serve, status):
    elsewhere = serve()
    server = serve(reply(b"", status, Location=f"http://127.0.0.1:{elsewhere.port}/final.jpg"))
    steps = of(server)
    assert found(steps) == [("URL", True), ("HEAD", False), ("GET", False)]
    assert elsewhere.requests == []
    for detail in failures(steps).values():
        assert f"'http://127.0.0.1:{elsewhere.port}/final.jpg': hand on the final URL instead" in detail


def test_what_a_redirect_names_cannot_play_with_the_terminal(serve):
    answer = reply(b"", "302 Found", Location="http://example.com/\x1b[2J")
    assert "'http://example.com/\\x1b[2J'" in failures(of(serve(answer)))["GET"]


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("401 Unauthorized", "asks for authentication"),
        ("403 Forbidden", "asks for authentication"),
        ("407 Proxy Authentication Required", "asks for authentication"),
        ("404 Not Found", "nothing at this address"),
        ("405 Method Not Allowed", "answer both HEAD and GET"),
        ("500 Internal Server Error", "look into the server's logs"),
        ("503 Service Unavailable", "look into the server's logs"),
        ("204 No Content", "only 200 will do"),
        ("300 Multiple Choices", "only 200 will do"),
    ],
)
def test_a_status_other_than_200_fails_whatever_comes_with_it(serve, status, told):
    steps = of(serve(reply(status=status)))
    assert found(steps) == [("URL", True), ("HEAD", False), ("GET", False)]
    for detail in failures(steps).values():
        assert f"answers {status[:3]}, " in detail
        assert told in detail


def test_head_rejected_where_get_is_answered_is_explained_by_presigned_urls(serve):
    steps = of(serve(head=head_of(reply(b"", "403 Forbidden", Content_Type="application/xml"))))
    assert list(failures(steps)) == ["HEAD", "HEAD and GET"]
    assert "presigned for GET" in failures(steps)["HEAD"]
    assert "status ('403', '200')" in failures(steps)["HEAD and GET"]


@pytest.mark.parametrize(
    ("kind", "announced"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("GIF", "image/gif"),
        ("JPEG", "IMAGE/JPEG"),
        ("JPEG", "image/jpeg; charset=binary"),
    ],
)
def test_the_types_of_pictures_pass_in_every_spelling(serve, kind, announced):
    assert found(of(serve(reply(pictures.plain(kind=kind), Content_Type=announced)))) == ALL_WELL


@pytest.mark.parametrize("announced", ["text/html", "binary/octet-stream", "image/jpg", "image/svg+xml", "", None])
def test_any_other_type_or_none_fails(serve, announced):
    steps = of(serve(reply(Content_Type=announced)))
    assert found(steps) == [("URL", True), ("HEAD", False), ("GET", False), ("HEAD and GET", True)]
    assert f"Content-Type is {announced or ''!r}" in failures(steps)["GET"]


@pytest.mark.parametrize(
    ("header", "value"),
    [("Content_Type", "image/png"), ("ETag", '"other"'), ("Content_Length", 0)],
)
def test_head_that_tells_something_else_than_get_fails(serve, header, value):
    steps = of(serve(reply(ETag='"this"'), head=head_of(reply(**{"ETag": '"this"', header: value}))))
    assert list(failures(steps)) == ["HEAD and GET"]
    assert header.replace("_", "-") in failures(steps)["HEAD and GET"]
    assert str(value) in failures(steps)["HEAD and GET"]


def test_head_need_not_tell_all_that_get_tells(serve):
    steps = of(serve(reply(ETag='"this"'), head=head_of(reply(Content_Length=None))))
    assert found(steps) == ALL_WELL


@pytest.mark.parametrize("length", [len(JPEG) + 1, "many"])
def test_a_body_that_is_not_as_long_as_announced_fails(serve, length):
    steps = of(serve(reply(Content_Length=length)))
    assert list(failures(steps)) == ["GET"]
    assert f"has {len(JPEG)} bytes and Content-Length is '{length}'" in failures(steps)["GET"]


def test_a_body_that_is_announced_and_does_not_come_fails(serve):
    assert "has 0 bytes and Content-Length is '5'" in failures(of(serve(reply(b"", Content_Length=5))))["GET"]


def test_a_body_that_is_compressed_unasked_fails(serve):
    steps = of(serve(reply(gzip.compress(JPEG), Content_Encoding="gzip")))
    assert list(failures(steps)) == ["picture"]


def test_a_body_of_ten_megabytes_passes(serve):
    assert found(of(serve(reply(JPEG + bytes(10_000_000 - len(JPEG)))))) == ALL_WELL


@pytest.mark.parametrize("length", [20_000_000, None])
def test_a_body_of_more_than_ten_megabytes_is_not_read_on(serve, length):
    server = serve(reply(JPEG + bytes(20_000_000 - len(JPEG)), Content_Length=length))
    server.answers["GET"] += b"" if length else bytes(50_000_000)
    steps = of(server)
    assert list(failures(steps)) == ["GET"]
    assert "more than 10 MB, Headshot's own limit" in failures(steps)["GET"]


@pytest.mark.parametrize(
    "body", [b"", b"<html>", JPEG[:-100], pictures.plain(kind="WEBP")], ids=["empty", "HTML", "cut off", "WebP"]
)
def test_a_body_that_is_no_whole_picture_fails(serve, body):
    steps = of(serve(reply(body)))
    assert list(failures(steps)) == ["picture"]
    assert "cannot be read" in failures(steps)["picture"]


def test_a_picture_of_another_type_than_announced_fails(serve):
    steps = of(serve(reply(pictures.plain(kind="PNG"))))
    assert list(failures(steps)) == ["picture"]
    assert "It is image/png and announced as image/jpeg" in failures(steps)["picture"]


@pytest.mark.parametrize("size", [(7072, 7072), (9500, 9500), (20_000, 20_000)])
def test_a_picture_of_more_than_fifty_megapixels_is_not_decoded(serve, size, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 89_478_485)  # Pillow's own, which other modules change
    steps = of(serve(reply(pictures.png_header(*size), Content_Type="image/png")))
    assert list(failures(steps)) == ["picture"]
    assert "more than 50 megapixels" in failures(steps)["picture"]


def test_a_picture_that_is_not_square_passes_with_a_warning(serve):
    steps = of(serve(reply(pictures.plain(size=(96, 64), kind="JPEG"))))
    assert found(steps) == ALL_WELL
    assert "96 × 64 pixels, not square" in steps[-1].detail


def test_a_jpeg_with_further_pictures_behind_it_is_a_jpeg(serve):
    further = Image.new("RGB", (96, 96))
    several = pictures.encode(further, "MPO", save_all=True, append_images=[further])
    assert found(of(serve(reply(several)))) == ALL_WELL
