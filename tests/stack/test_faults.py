"""Failures of S3 and DynamoDB between two steps of an upload, an erasure or a read."""

import json
from contextlib import contextmanager

import pytest

from local import portrait
from local.fake_okta import serving
from tests.awaiting import eventually

ADA, GRACE = (portrait.jpeg(name, (300, 400)) for name in ("Ada Lovelace", "Grace Hopper"))


@contextmanager
def denied(rig, role, *actions, resource="*"):
    """Deny actions to a function's role, on all resources or on one."""
    iam, name = rig.client("iam"), rig.physical_id(role)
    deny = {"Effect": "Deny", "Action": actions, "Resource": resource}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    iam.put_role_policy(RoleName=name, PolicyName="fault", PolicyDocument=policy)
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=name, PolicyName="fault")


@contextmanager
def changed(rig, function, **variables):
    """Set environment variables of a function."""
    client, name = rig.client("lambda"), rig.physical_id(function)
    before = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    client.update_function_configuration(FunctionName=name, Environment={"Variables": before | variables})
    try:
        yield
    finally:
        client.update_function_configuration(FunctionName=name, Environment={"Variables": before})


def unreachable(rig, function, service):
    """Send a function's calls to a service to a closed port."""
    return changed(rig, function, **{f"AWS_ENDPOINT_URL_{service}": "http://127.0.0.1:1"})


def assert_unavailable(answer):
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "application/problem+json"
    if answer.request.method != "HEAD":
        assert answer.json()["code"] == "store-unavailable"


def test_if_the_record_cannot_be_written_the_old_photo_stays_and_a_retry_succeeds(rig, uploader, stranger):
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


def test_if_the_picture_cannot_be_stored_there_is_no_record(rig, uploader):
    with denied(rig, "UploadRole", "s3:PutObject"):
        assert_unavailable(uploader.upload("unstored", ADA))
        assert uploader.record("unstored").status_code == 404
    assert uploader.upload("unstored", ADA).status_code == 201


def test_the_next_erasure_finishes_an_interrupted_one(rig, uploader, stranger):
    url = uploader.upload("halferased", ADA).json()["url"]
    with denied(rig, "UploadRole", "s3:DeleteObjectVersion"):
        assert_unavailable(uploader.erase("halferased"))
        assert stranger.head("/photos/halferased.jpg").status_code == 404
    assert uploader.erase("halferased").json()["photos"] == 1
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


def logged(rig, group, message):
    """The lines with a text in a function's logs."""
    pattern = {"logGroupName": rig.physical_id(group), "filterPattern": f'"{message}"'}
    return [json.loads(found["message"]) for found in rig.client("logs").filter_log_events(**pattern)["events"]]


@pytest.mark.parametrize("actions", [["s3:GetObject"], ["s3:GetObject", "s3:ListBucket"]])
def test_a_photo_that_serve_may_not_read_is_unavailable_not_missing(rig, uploader, stranger, actions):
    url = uploader.upload("unreadable", ADA).json()["url"]
    with denied(rig, "ServeRole", *actions):
        for path in (url, "/photos/unreadable.jpg"):
            assert_unavailable(stranger.get(path))
            assert_unavailable(stranger.head(path))
    assert logged(rig, "ServeLogs", "request failed")[-1]["code"] == "store-unavailable"
    assert stranger.get(url).status_code == stranger.get("/photos/unreadable.jpg").status_code == 200


@pytest.mark.parametrize(
    "actions",
    [
        ["s3:GetObject"],
        ["s3:GetObjectVersion"],
        ["s3:ListBucket", "s3:ListBucketVersions"],
        ["s3:DeleteObjectVersion"],
    ],
    ids=" ".join,
)
def test_no_photo_is_lost_if_upload_lacks_a_permission(rig, uploader, stranger, actions):
    first = uploader.upload("kept", ADA).json()
    with denied(rig, "UploadRole", *actions):
        for image, status in ((ADA, 200), (GRACE, 201), (GRACE, 200), (ADA, 201)):
            answer = uploader.upload("kept", image)
            assert answer.status_code == status, answer.text
            assert uploader.record("kept").json() == (record := answer.json())
            assert stranger.get("/photos/kept.jpg").content == stranger.get(record["url"]).content
            assert stranger.head(first["url"]).status_code == 200
    assert uploader.erase("kept").status_code == 200
    assert rig.objects("photos/kept/") == []


def test_no_photo_is_lost_if_ingest_lacks_a_permission(rig, uploader, stranger):
    first = uploader.upload("boxed", ADA).json()
    bucket = rig.outputs["PhotosBucket"]
    photos = f"arn:aws:s3:::{bucket}/photos/*"
    with denied(rig, "IngestRole", "s3:GetObject", "s3:GetObjectVersion", "s3:DeleteObjectVersion", resource=photos):
        rig.client("s3").put_object(Bucket=bucket, Key="dropbox/boxed.jpg", Body=GRACE)
        uploads = eventually(lambda: uploader.get("/users/boxed/photo/uploads").json()["uploads"])
    record = uploader.record("boxed").json()
    assert record["version"] != first["version"]
    assert [(upload["status"], upload["url"]) for upload in uploads] == [("accepted", record["url"])]
    assert stranger.get("/photos/boxed.jpg").content == stranger.get(record["url"]).content
    assert logged(rig, "IngestLogs", "clean-up failed")[-1]["user_id"] == "boxed"


def test_an_upload_that_may_neither_read_nor_list_fails_and_keeps_the_record(rig, uploader, stranger):
    first = uploader.upload("blind", ADA).json()
    served = stranger.get(first["url"]).content
    with denied(rig, "UploadRole", "s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "s3:ListBucketVersions"):
        for image in (ADA, served):
            assert_unavailable(uploader.upload("blind", image))
            assert uploader.record("blind").json() == first
        assert_unavailable(uploader.upload("blind", GRACE))
        record = uploader.record("blind").json()
        assert stranger.get("/photos/blind.jpg").content == stranger.get(record["url"]).content
    assert uploader.upload("blind", GRACE).json() == record


def test_a_clean_up_that_fails_is_logged_and_the_upload_succeeds(rig, uploader, stranger):
    first = uploader.upload("unclean", ADA).json()
    with denied(rig, "UploadRole", "s3:DeleteObjectVersion"):
        answer = uploader.upload("unclean", GRACE)
    assert answer.status_code == 201
    assert stranger.get("/photos/unclean.jpg").content == stranger.get(answer.json()["url"]).content
    assert f"photos/unclean/{first['version']}.jpg" in rig.objects("photos/unclean/")
    line = logged(rig, "UploadLogs", "clean-up failed")[-1]
    assert (line["level"], line["user_id"], line["service"]) == ("ERROR", "unclean", "upload")
    assert line["function_request_id"]


@pytest.mark.parametrize(
    "actions", [["s3:ListBucketVersions"], ["dynamodb:PutItem"], ["dynamodb:GetItem"]], ids=" ".join
)
def test_an_erasure_that_may_not_list_or_delete_fails(rig, uploader, stranger, actions):
    url = uploader.upload("unerased", ADA).json()["url"]
    with denied(rig, "UploadRole", *actions):
        assert_unavailable(uploader.erase("unerased"))
    assert uploader.erase("unerased").status_code == 200
    assert rig.objects("photos/unerased/") == []
    assert stranger.head(url).status_code == 404


def test_a_record_without_its_photo_is_an_outage_and_logged(rig, uploader, stranger):
    record = uploader.upload("photoless", ADA).json()
    s3, bucket = rig.client("s3"), rig.outputs["PhotosBucket"]
    for found in s3.list_object_versions(Bucket=bucket, Prefix="photos/photoless/")["Versions"]:
        s3.delete_object(Bucket=bucket, Key=found["Key"], VersionId=found["VersionId"])
    assert_unavailable(stranger.get("/photos/photoless.jpg"))
    assert_unavailable(stranger.head("/photos/photoless.jpg"))
    line = logged(rig, "ServeLogs", "record without its photo")[-1]
    assert (line["level"], line["user_id"], line["version"]) == ("ERROR", "photoless", record["version"])
    assert stranger.get(record["url"]).status_code == 404
    assert uploader.upload("photoless", ADA).status_code == 201
    assert stranger.get("/photos/photoless.jpg").status_code == 200


def breaking_off(_environ, start_response):
    """Respond with an error like S3's that breaks off in the middle."""
    start_response("500 Internal Server Error", [("Content-Type", "application/xml"), ("Content-Length", "300")])
    return [b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>Internal']


def page_of_a_proxy(_environ, start_response):
    """Respond as S3 never does, with a tag that is not closed."""
    start_response("200 OK", [("Content-Type", "text/html")])
    return [b"<html><body>Sign in to the network"]


def test_a_response_of_s3_that_breaks_off_is_an_outage(rig, uploader, stranger):
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
