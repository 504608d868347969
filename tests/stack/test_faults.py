"""What happens when S3 or DynamoDB fails between two steps."""

import json
from contextlib import contextmanager

from local import portrait
from local.okta import serving

ADA, GRACE = (portrait.jpeg(name, (300, 400)) for name in ("Ada Lovelace", "Grace Hopper"))


@contextmanager
def denied(rig, role, *actions):
    """Make AWS refuse some actions to a function's role."""
    iam, name = rig.client("iam"), rig.physical_id(role)
    deny = {"Effect": "Deny", "Action": actions, "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    iam.put_role_policy(RoleName=name, PolicyName="fault", PolicyDocument=policy)
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=name, PolicyName="fault")


@contextmanager
def changed(rig, function, **variables):
    """Set variables of a function's environment."""
    client, name = rig.client("lambda"), rig.physical_id(function)
    before = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    client.update_function_configuration(FunctionName=name, Environment={"Variables": before | variables})
    try:
        yield
    finally:
        client.update_function_configuration(FunctionName=name, Environment={"Variables": before})


def unreachable(rig, function, service):
    """Send a function's calls of one service to a port that nobody listens on."""
    return changed(rig, function, **{f"AWS_ENDPOINT_URL_{service}": "http://127.0.0.1:1"})


def assert_unavailable(answer):
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "application/problem+json"
    if answer.request.method != "HEAD":
        assert answer.json()["code"] == "store-unavailable"


def test_a_record_that_cannot_be_written_leaves_the_old_photo_and_a_retry_succeeds(rig, uploader, stranger):
    first = uploader.upload("fault", ADA).json()
    with denied(rig, "UploadRole", "dynamodb:PutItem"):
        assert_unavailable(uploader.upload("fault", GRACE))
        assert uploader.record("fault").json() == first
        assert stranger.get("/photos/fault.jpg").headers["ETag"] == f'"{first["version"]}"'
        assert stranger.head(first["url"]).status_code == 200
    retried = uploader.upload("fault", GRACE)
    assert retried.status_code == 201
    assert stranger.head(retried.json()["url"]).status_code == 200
    uploader.erase("fault")
    assert rig.objects("photos/fault/") == []


def test_a_picture_that_cannot_be_stored_leaves_no_record(rig, uploader):
    with denied(rig, "UploadRole", "s3:PutObject"):
        assert_unavailable(uploader.upload("unstored", ADA))
        assert uploader.record("unstored").status_code == 404
    assert uploader.upload("unstored", ADA).status_code == 201


def test_an_erasure_that_broke_off_is_finished_by_the_next(rig, uploader, stranger):
    url = uploader.upload("halferased", ADA).json()["url"]
    with denied(rig, "UploadRole", "s3:DeleteObjectVersion"):
        assert_unavailable(uploader.erase("halferased"))
        assert stranger.head("/photos/halferased.jpg").status_code == 404
    assert uploader.erase("halferased").status_code == 204
    assert stranger.head(url).status_code == 404


def test_photos_are_unavailable_not_missing_while_a_store_is_down(rig, uploader, stranger):
    url = uploader.upload("down", ADA).json()["url"]
    with unreachable(rig, "ServeFunction", "S3"):
        for answer in (stranger.get(url), stranger.head(url), stranger.get("/photos/down.jpg")):
            assert_unavailable(answer)
    with unreachable(rig, "ServeFunction", "DYNAMODB"):
        assert stranger.head(url).status_code == 200
        assert_unavailable(stranger.get("/photos/down.jpg"))
    assert stranger.get("/photos/down.jpg").status_code == 200


def breaking_off(_environ, start_response):
    """Announce an error as long as S3's, and break off in the middle of it."""
    start_response("500 Internal Server Error", [("Content-Type", "application/xml"), ("Content-Length", "300")])
    return [b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>Internal']


def page_of_a_proxy(_environ, start_response):
    """Answer as S3 never does, and with a tag that is left open."""
    start_response("200 OK", [("Content-Type", "text/html")])
    return [b"<html><body>Sign in to the network"]


def test_an_answer_of_s3_that_breaks_off_is_an_outage(rig, uploader, stranger):
    record = uploader.upload("broken-off", ADA).json()
    served = stranger.get(record["url"]).content
    with serving(breaking_off) as url, changed(rig, "ServeFunction", AWS_ENDPOINT_URL_S3=url):
        assert_unavailable(stranger.get(record["url"]))
        assert_unavailable(stranger.head(record["url"]))
    with serving(breaking_off) as url, changed(rig, "UploadFunction", AWS_ENDPOINT_URL_S3=url):
        assert_unavailable(uploader.upload("broken-off", GRACE))
        assert_unavailable(uploader.upload("broken-off", served))
        assert_unavailable(uploader.erase("nobody"))
    with serving(page_of_a_proxy) as url, changed(rig, "UploadFunction", AWS_ENDPOINT_URL_S3=url):
        assert_unavailable(uploader.upload("broken-off", GRACE))
        assert_unavailable(uploader.erase("nobody"))
    assert uploader.record("broken-off").json() == record
