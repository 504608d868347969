"""An upgrade and a rollback with a thousand photos, while people read them and photos are published."""

import re
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus
from itertools import cycle
from typing import Any

import requests
from boto3.dynamodb.types import TypeSerializer

from headshot import __version__
from headshot.imaging import normalise
from local import fake_okta, portrait, stack
from local.stack import PROJECT
from tests import pictures
from tests.awaiting import eventually
from tests.fakes.systems import VARIANTS
from tests.publish.deploying import identity_provider

PHOTO = normalise(pictures.plain("teal"))
PEOPLE = [f"person{number:04}" for number in range(1000)]
NEXT = "99.0.0"
SECONDS = 240  # for what happens beside a thousand reads and a deployment, also on a slow machine


def _older(rig):
    """Store photos and records as earlier versions did: without metadata, correlation id, pending or schema."""
    s3, dynamodb = rig.client("s3"), rig.client("dynamodb")

    def put(user_id):
        key = f"photos/{user_id}/{PHOTO.version}.jpg"
        stored = s3.put_object(Bucket=rig.outputs["PhotosBucket"], Key=key, Body=PHOTO.jpeg, ContentType="image/jpeg")
        at = "2026-01-02T03:04:05.000Z"
        record = {"user_id": user_id, "url": f"{rig.url}/{key}", "version": PHOTO.version, "bytes": len(PHOTO.jpeg)}
        record |= {"s3_version_id": stored["VersionId"], "width": PHOTO.width, "height": PHOTO.height}
        record |= {"created": at, "updated": at, "principal": "arn:aws:iam::123456789012:user/admin"}
        record |= {"published": {"status": "published", "at": at, "attempts": 1, "error": None}}
        dynamodb.put_item(TableName=rig.outputs["RecordsTable"], Item=TypeSerializer().serialize(record)["M"])
        return record["url"]

    with ThreadPoolExecutor(4) as threads:
        return list(threads.map(put, PEOPLE))


def _remove(rig):
    """Delete all photos and records, for the tests after this one."""
    s3, bucket = rig.client("s3"), rig.outputs["PhotosBucket"]
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix="photos/"):
        objects = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in page.get("Versions", [])]
        s3.delete_objects(Bucket=bucket, Delete={"Objects": objects})
    for user_id in PEOPLE:
        key = {"user_id": {"S": user_id}}
        rig.client("dynamodb").delete_item(TableName=rig.outputs["RecordsTable"], Key=key)


@contextmanager
def readers(urls):
    """Read photos all the time, and yield the list of failed reads and a count of those that succeeded."""
    failed: list[Any] = []
    done: list[Any] = []
    stopping = threading.Event()

    def read():
        session = requests.Session()
        for url, method in zip(cycle(urls), cycle(["HEAD", "GET", "HEAD"]), strict=False):
            if stopping.is_set():
                return
            for path in (url, re.sub("/[0-9a-f]{32}", "", url)):  # the version, and the current photo
                try:
                    status = session.request(method, path, timeout=60).status_code
                    if status == HTTPStatus.BAD_GATEWAY:
                        # MiniStack kills functions in the middle of an invocation to update them. Lambda lets them
                        # finish.
                        status = session.request(method, path, timeout=60).status_code
                except requests.RequestException as error:
                    failed.append((method, path, repr(error)))
                else:
                    (done if status == 200 else failed).append((method, path, status))
            stopping.wait(0.05)  # leaves the processor to the deployment

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield failed, done
    finally:
        stopping.set()
        thread.join()


def _next(folder):
    """Copy this version and make a later one of it: other code, settings of functions, and one resource more."""
    for name in ("functions", "layers", "local"):
        shutil.copytree(PROJECT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    version = folder / "functions/headshot/__init__.py"
    version.write_text(version.read_text().replace(__version__, NEXT))
    template = (PROJECT / "template.yaml").read_text()
    for before, after in [
        ("MemorySize: 512", "MemorySize: 1024"),
        ("POWERTOOLS_LOG_LEVEL: !Ref LogLevel", "NEXT: next\n        POWERTOOLS_LOG_LEVEL: !Ref LogLevel"),
        ("\nResources:\n", "\nResources:\n  NextQueue: { Type: AWS::SQS::Queue }\n"),
    ]:
        assert before in template
        template = template.replace(before, after, 1)
    (folder / "template.yaml").write_text(template)
    return folder


def _photo_of(system, user_id):
    return system.fake.photo_url(user_id)


def test_no_read_fails_no_url_changes_and_publishing_goes_on(rig, uploader, stranger, tmp_path):
    system = VARIANTS["okta-api-token"]()
    assert isinstance(system.fake, fake_okta.Okta)
    ada = system.fake.add("ada", "ada@example.com")
    urls = _older(rig)
    with identity_provider(rig, system), readers(urls) as (failed, done):
        for project, version in ((_next(tmp_path), NEXT), (PROJECT, __version__)):  # the upgrade, then the rollback
            before, reads = uploader.upload(ada, portrait.jpeg(f"Before {version}", (128, 128))).json(), len(done)
            stack.deploy(rig.emulator, project=project)
            assert stranger.get("/health").json()["version"] == version
            eventually(lambda: _photo_of(system, ada) == before["url"], SECONDS)  # noqa: B023  called at once
            after = uploader.upload(ada, portrait.jpeg(f"After {version}", (128, 128))).json()
            eventually(lambda: _photo_of(system, ada) == after["url"], SECONDS)  # noqa: B023  called at once
            assert len(done) > reads
            assert stranger.get(before["url"]).status_code == 200
        assert failed == []
        uploader.erase(ada)
        eventually(lambda: uploader.erase(ada).json()["identity_provider"] is None, SECONDS)
    records = {user_id: uploader.record(user_id).json() for user_id in PEOPLE[::100]}
    assert {user_id: record["url"] for user_id, record in records.items()} == dict(
        zip(PEOPLE[::100], urls[::100], strict=True)
    )
    _remove(rig)
