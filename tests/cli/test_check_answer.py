"""`headshot check` judges a server's responses."""

import gzip

import pytest
from PIL import Image

from tests import pictures
from tests.cli.servers import ALL_WELL, JPEG, failures, found, head_of, impatient, of, reply, serve

__all__ = ["impatient", "serve"]


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "307 Temporary Redirect"])
def test_a_redirect_is_reported_and_not_followed(serve, status):
    elsewhere = serve()
    server = serve(reply(b"", status, Location=f"http://127.0.0.1:{elsewhere.port}/final.jpg"))
    steps = of(server)
    assert found(steps) == [("URL", True), ("HEAD", False), ("GET", False)]
    assert elsewhere.requests == []
    for detail in failures(steps).values():
        assert f"'http://127.0.0.1:{elsewhere.port}/final.jpg'. Use the final URL instead" in detail


def test_control_characters_in_a_redirect_are_escaped(serve):
    answer = reply(b"", "302 Found", Location="http://example.com/\x1b[2J")
    assert "'http://example.com/\\x1b[2J'" in failures(of(serve(answer)))["GET"]


@pytest.mark.parametrize(
    ("status", "message"),
    [
        ("401 Unauthorized", "asks for authentication"),
        ("403 Forbidden", "asks for authentication"),
        ("407 Proxy Authentication Required", "asks for authentication"),
        ("404 Not Found", "nothing at this address"),
        ("405 Method Not Allowed", "answer both HEAD and GET"),
        ("500 Internal Server Error", "Check the server's logs"),
        ("503 Service Unavailable", "Check the server's logs"),
        ("204 No Content", "only 200 is accepted"),
        ("300 Multiple Choices", "only 200 is accepted"),
    ],
)
def test_any_status_but_200_fails_even_with_a_picture(serve, status, message):
    steps = of(serve(reply(status=status)))
    assert found(steps) == [("URL", True), ("HEAD", False), ("GET", False)]
    for detail in failures(steps).values():
        assert f"returns {status[:3]}: " in detail
        assert message in detail


def test_403_for_head_alone_is_explained_by_presigned_urls(serve):
    steps = of(serve(head=head_of(reply(b"", "403 Forbidden", Content_Type="application/xml"))))
    assert list(failures(steps)) == ["HEAD", "HEAD and GET"]
    assert "presigned for GET" in failures(steps)["HEAD"]
    assert "status ('403', '200')" in failures(steps)["HEAD and GET"]


@pytest.mark.parametrize(
    ("kind", "declared"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("GIF", "image/gif"),
        ("JPEG", "IMAGE/JPEG"),
        ("JPEG", "image/jpeg; charset=binary"),
    ],
)
def test_picture_types_pass_in_every_spelling(serve, kind, declared):
    assert found(of(serve(reply(pictures.plain(kind=kind), Content_Type=declared)))) == ALL_WELL


@pytest.mark.parametrize("declared", ["text/html", "binary/octet-stream", "image/jpg", "image/svg+xml", "", None])
def test_any_other_type_or_none_fails(serve, declared):
    steps = of(serve(reply(Content_Type=declared)))
    assert found(steps) == [("URL", True), ("HEAD", False), ("GET", False), ("HEAD and GET", True)]
    assert f"Content-Type is {declared or ''!r}" in failures(steps)["GET"]


@pytest.mark.parametrize(
    ("header", "value"),
    [("Content_Type", "image/png"), ("ETag", '"other"'), ("Content_Length", 0)],
)
def test_head_with_headers_unlike_gets_fails(serve, header, value):
    steps = of(serve(reply(ETag='"this"'), head=head_of(reply(**{"ETag": '"this"', header: value}))))
    assert list(failures(steps)) == ["HEAD and GET"]
    assert header.replace("_", "-") in failures(steps)["HEAD and GET"]
    assert str(value) in failures(steps)["HEAD and GET"]


def test_head_may_leave_out_headers_of_get(serve):
    steps = of(serve(reply(ETag='"this"'), head=head_of(reply(Content_Length=None))))
    assert found(steps) == ALL_WELL


@pytest.mark.parametrize("length", [len(JPEG) + 1, "many"])
def test_a_body_of_another_length_than_declared_fails(serve, length):
    steps = of(serve(reply(Content_Length=length)))
    assert list(failures(steps)) == ["GET"]
    assert f"has {len(JPEG)} bytes, but Content-Length is '{length}'" in failures(steps)["GET"]


def test_a_declared_body_that_is_missing_fails(serve):
    assert "has 0 bytes, but Content-Length is '5'" in failures(of(serve(reply(b"", Content_Length=5))))["GET"]


def test_an_unrequested_compression_fails(serve):
    steps = of(serve(reply(gzip.compress(JPEG), Content_Encoding="gzip")))
    assert list(failures(steps)) == ["picture"]


def test_a_body_of_ten_megabytes_passes(serve):
    assert found(of(serve(reply(JPEG + bytes(10_000_000 - len(JPEG)))))) == ALL_WELL


@pytest.mark.parametrize("length", [20_000_000, None])
def test_a_body_of_more_than_ten_megabytes_is_not_read_to_its_end(serve, length):
    server = serve(reply(JPEG + bytes(20_000_000 - len(JPEG)), Content_Length=length))
    server.answers["GET"] += b"" if length else bytes(50_000_000)
    steps = of(server)
    assert list(failures(steps)) == ["GET"]
    assert "larger than 10 MB, Headshot's own limit" in failures(steps)["GET"]


@pytest.mark.parametrize(
    "body", [b"", b"<html>", JPEG[:-100], pictures.plain(kind="WEBP")], ids=["empty", "HTML", "cut off", "WebP"]
)
def test_a_body_that_is_not_a_whole_picture_fails(serve, body):
    steps = of(serve(reply(body)))
    assert list(failures(steps)) == ["picture"]
    assert "not a readable JPEG" in failures(steps)["picture"]


def test_a_picture_of_another_type_than_declared_fails(serve):
    steps = of(serve(reply(pictures.plain(kind="PNG"))))
    assert list(failures(steps)) == ["picture"]
    assert "It is image/png, but the Content-Type is image/jpeg" in failures(steps)["picture"]


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
    mpo = pictures.encode(further, "MPO", save_all=True, append_images=[further])
    assert found(of(serve(reply(mpo)))) == ALL_WELL
