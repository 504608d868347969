"""How serve reads the store."""

import importlib

import pytest

from headshot.imaging import Photo
from tests.unit.examples import RECORD
from tests.unit.memory import MemoryPhotos, MemoryRecords

PHOTO = Photo(b"jpeg", RECORD.version, 512, 512)
PATHS = {
    "/photos/{file}": {"file": "ada.jpg"},
    "/photos/{user_id}/{file}": {"user_id": "ada", "file": f"{RECORD.version}.jpg"},
}


@pytest.fixture
def serve(monkeypatch):
    """Serve Ada's photo; give the status and what was asked of the store of photos."""
    monkeypatch.setenv("PHOTOS_BUCKET", "bucket")
    monkeypatch.setenv("RECORDS_TABLE", "table")
    handler = importlib.import_module("serve.handler")
    asked: list[str] = []
    photos, records = MemoryPhotos(asked.append), MemoryRecords()
    photos.put("ada", PHOTO)
    records.items["ada"] = RECORD
    monkeypatch.setattr(handler, "photos", photos)
    monkeypatch.setattr(handler, "records", records)

    def answered(method, path, headers=None):
        asked.clear()
        event = {
            "routeKey": f"{method} {path}",
            "rawPath": path,
            "headers": headers or {},
            "pathParameters": PATHS[path],
            "requestContext": {"http": {"method": method}, "domainName": "api.example.com"},
        }
        return handler.dispatch(event, handler.ROUTES, handler.logger)["statusCode"], list(asked)

    return answered


@pytest.mark.parametrize("path", PATHS)
def test_head_never_reads_the_picture(serve, path):
    assert serve("HEAD", path) == (200, ["photos.head"])
    assert serve("HEAD", path, {"If-None-Match": '"other"'}) == (200, ["photos.head"])
    assert serve("GET", path) == (200, ["photos.get"])


@pytest.mark.parametrize("path", PATHS)
def test_a_client_that_has_the_picture_does_not_have_it_read(serve, path):
    for method in ("GET", "HEAD"):
        assert serve(method, path, {"If-None-Match": f'"{RECORD.version}"'}) == (304, ["photos.head"])
