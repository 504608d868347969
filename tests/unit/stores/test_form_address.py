"""The addresses of the drop box and of its forms: on AWS, on the local stack, and under `sam local`."""

import pytest

from headshot.stores import aws
from headshot.stores.dropbox import DropBox

REGIONAL = "https://photos.s3.eu-central-1.amazonaws.com"


@pytest.fixture(autouse=True)
def _region(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("PHOTOS_BUCKET", "photos")
    _forget()
    yield
    _forget()


def _forget():
    aws.client.cache_clear()
    aws._session.cache_clear()


@pytest.mark.parametrize(
    ("settings", "function_calls", "form_goes_to"),
    [
        ({}, REGIONAL, REGIONAL),
        ({"AWS_ENDPOINT_URL": ""}, REGIONAL, REGIONAL),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}, "http://127.0.0.1:4566/photos", "http://127.0.0.1:4566/photos"),
        (
            {"AWS_ENDPOINT_URL": "http://host.docker.internal:4566", "FORM_ENDPOINT_URL": "http://127.0.0.1:4566"},
            "http://host.docker.internal:4566/photos",
            "http://127.0.0.1:4566/photos",
        ),
    ],
)
def test_only_on_aws_is_the_bucket_addressed_by_its_own_host_name(monkeypatch, settings, function_calls, form_goes_to):
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    drop_box = DropBox.from_environment()
    called = drop_box._s3.generate_presigned_url("list_object_versions", {"Bucket": "photos"})
    assert called.partition("?")[0].rstrip("/") == function_calls
    form = drop_box.form("ada", "form")
    assert form["url"].rstrip("/") == form_goes_to
    assert form["fields"]["key"] == "dropbox/ada/form"
