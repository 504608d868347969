"""How serve reads the store, and what it answers where the API has another route."""

import importlib
import re

import pytest

from tests.unit.examples import RECORD
from tests.unit.memory import MemoryReader
from tests.unit.template import RESOURCES

PATHS = {
    "/photos/{file}": {"file": "ada.jpg"},
    "/photos/{user_id}/{file}": {"user_id": "ada", "file": f"{RECORD.version}.jpg"},
}


@pytest.fixture
def handler(monkeypatch):
    monkeypatch.setenv("PHOTOS_BUCKET", "bucket")
    monkeypatch.setenv("RECORDS_TABLE", "table")
    monkeypatch.setenv("UNVERSIONED_URLS", "Enabled")
    return importlib.import_module("serve.handler")


@pytest.fixture
def serve(handler, monkeypatch):
    """Serve Ada's photo; return the status and how the photo was read."""
    asked: list[str] = []
    reader = MemoryReader({("ada", RECORD.version): b"jpeg"}, {"ada": RECORD.version}, asked.append)
    monkeypatch.setattr(handler, "reader", reader)

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


ROUTES = {
    path: {method.upper() for method in methods}
    for path, methods in RESOURCES["Api"]["Properties"]["DefinitionBody"]["paths"].items()
    if path != "/$default"
}
METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}


@pytest.mark.parametrize("path", ROUTES)
def test_every_route_of_the_api_answers_405_to_every_other_method(handler, path):
    target = re.sub(r"{\w+}", "ada", path).replace("/ada", "/ada.jpg" if "{file}" in path else "/ada")
    allowed = ", ".join(sorted(ROUTES[path]))
    for method in METHODS - ROUTES[path]:
        event = {
            "routeKey": "$default",
            "rawPath": target,
            "headers": {},
            "requestContext": {"http": {"method": method}, "domainName": "api.example.com"},
        }
        answer = handler.dispatch(event, handler.ROUTES, handler.logger)
        assert (method, answer["statusCode"], answer["headers"].get("Allow")) == (method, 405, allowed)


@pytest.mark.parametrize("path", PATHS)
def test_head_never_reads_the_photo(serve, path):
    assert serve("HEAD", path) == (200, ["head"])
    assert serve("HEAD", path, {"If-None-Match": '"other"'}) == (200, ["head"])
    assert serve("GET", path) == (200, ["get"])


@pytest.mark.parametrize("path", PATHS)
def test_a_revalidation_that_matches_does_not_read_the_photo(serve, path):
    for method in ("GET", "HEAD"):
        assert serve(method, path, {"If-None-Match": f'"{RECORD.version}"'}) == (304, ["head"])


def test_without_unversioned_urls_nothing_is_read_and_every_user_gets_the_same_answer(serve, monkeypatch):
    monkeypatch.setenv("UNVERSIONED_URLS", "Disabled")
    for user_id in ("ada", "nobody"):
        monkeypatch.setitem(PATHS["/photos/{file}"], "file", f"{user_id}.jpg")
        for method in ("HEAD", "GET"):
            assert serve(method, "/photos/{file}") == (404, [])
    assert serve("GET", "/photos/{user_id}/{file}") == (200, ["get"])


def test_without_unversioned_urls_the_neutral_photo_keeps_its_url(serve, monkeypatch):
    """Profiles of erased people and the canary use it."""
    monkeypatch.setenv("UNVERSIONED_URLS", "Disabled")
    monkeypatch.setitem(PATHS["/photos/{file}"], "file", "_default.jpg")
    assert [serve(method, "/photos/{file}") for method in ("HEAD", "GET")] == [(200, [])] * 2
