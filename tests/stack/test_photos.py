"""From an upload to what Atlassian fetches, and to the erasure."""

import base64
import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from threading import Barrier, Thread

import pytest

from local import portrait
from tests import pictures

SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
SCIM = "urn:ietf:params:scim:schemas:core:2.0:User:photos"
ADA, GRACE = portrait.jpeg("Ada Lovelace"), portrait.jpeg("Grace Hopper")
LATER = "Fri, 01 Jan 2999 00:00:00 GMT"
FOREVER, BRIEFLY = "public, max-age=31536000, immutable", "public, max-age=300, must-revalidate"


def test_an_uploaded_portrait_is_served_to_head_and_get_as_a_clean_jpeg(uploader, stranger):
    created = uploader.upload("ada@example.com", ADA)
    assert created.status_code == 201
    assert created.headers["Content-Type"] == "application/json"
    record = created.json()
    url = created.headers["Location"]
    assert record["url"] == url

    head, get = stranger.head(url), stranger.get(url)
    assert (head.status_code, get.status_code) == (200, 200)
    assert head.content == b""
    assert pictures.read_clean(get.content).size == (512, 512)
    for answer in (head, get):
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["Content-Length"] == str(len(get.content)) == str(record["bytes"])
        assert answer.headers["ETag"] == f'"{record["version"]}"'
        assert answer.headers["Cache-Control"] == FOREVER
        assert datetime.now(UTC) - parsedate_to_datetime(answer.headers["Last-Modified"]) < timedelta(minutes=5)
        assert answer.headers.items() >= SAFE.items()


def test_the_record_holds_everything_about_the_photo(uploader, rig):
    record = uploader.upload("record", ADA).json()
    assert uploader.record("record").json() == record
    assert record.keys() == {
        *(
            "user_id",
            "url",
            "version",
            "width",
            "height",
            "bytes",
            "created",
            "updated",
            "principal",
            "published",
            "scim",
        )
    }
    assert record["user_id"] == "record"
    assert record["url"] == f"{rig.url}/photos/record/{record['version']}.jpg"
    assert (record["width"], record["height"]) == (512, 512)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record["created"])
    assert record["created"] == record["updated"]
    assert record["principal"] == "arn:aws:sts::000000000000:assumed-role/uploader/test"
    assert record["scim"] == {SCIM: [{"value": record["url"], "type": "photo", "primary": True}]}


def test_the_current_photo_has_its_own_url(uploader, stranger):
    record = uploader.upload("current@example.com", ADA).json()
    for path in ("/photos/current@example.com.jpg", "/photos/current%40example.com.jpg"):
        head, get = stranger.head(path), stranger.get(path)
        assert get.content == stranger.get(record["url"]).content
        for answer in (head, get):
            assert answer.status_code == 200
            assert answer.headers["ETag"] == f'"{record["version"]}"'
            assert answer.headers["Cache-Control"] == BRIEFLY
            assert answer.headers["Content-Length"] == str(len(get.content))


def test_a_json_upload_is_the_same_upload(uploader):
    raw = uploader.upload("raw", ADA).json()
    encoded = base64.encodebytes(ADA).decode()
    answer = uploader.put("/users/json/photo", json={"image": encoded})
    assert answer.status_code == 201
    assert answer.json()["version"] == raw["version"]


def test_the_same_picture_again_changes_nothing(uploader, rig):
    first = uploader.upload("again", ADA).json()
    objects = rig.objects("photos/again/")
    answer = uploader.upload("again", ADA)
    assert answer.status_code == 200
    assert answer.json() == first
    assert rig.objects("photos/again/") == objects


def test_a_downloaded_photo_changes_nothing_when_it_is_uploaded_again(uploader, stranger):
    first = uploader.upload("served", ADA).json()
    again = uploader.upload("served", stranger.get(first["url"]).content)
    assert (again.status_code, again.json()) == (200, first)


def test_the_caller_may_choose_the_square_to_keep(uploader, stranger):
    data = pictures.encode(pictures.corners((400, 800)), "PNG")
    expected = {"gravity=bottom": pictures.BLUE, "gravity=top": pictures.RED, "crop=200-400-200": pictures.YELLOW}
    for query, colour in expected.items():
        answer = uploader.put(f"/users/cropped/photo?{query}", data=data, headers={"Content-Type": "image/png"})
        assert answer.status_code == 201, answer.text
        photo = pictures.read_clean(stranger.get(answer.json()["url"]).content)
        pictures.assert_close(photo.getpixel((20, photo.height - 20)), colour)


def test_a_replaced_photo_has_a_new_url_and_the_old_one_is_served_for_a_while(uploader, stranger, rig):
    first = uploader.upload("replaced", ADA).json()
    second = uploader.upload("replaced", GRACE)
    assert second.status_code == 201
    second = second.json()
    assert second["url"] != first["url"]
    assert second["created"] == first["created"] < second["updated"]
    assert stranger.get("/photos/replaced.jpg").content == stranger.get(second["url"]).content
    assert stranger.head(first["url"]).status_code == stranger.get(first["url"]).status_code == 200
    assert rig.objects("photos/replaced/") == [f"photos/replaced/{second['version']}.jpg"]
    assert rig.objects("superseded/replaced/") == [f"superseded/replaced/{first['version']}.jpg"]


def test_going_back_to_an_earlier_picture_makes_it_current_again(uploader, stranger, rig):
    first = uploader.upload("back", ADA).json()
    uploader.upload("back", GRACE)
    assert uploader.upload("back", ADA).status_code == 201
    assert stranger.head("/photos/back.jpg").headers["ETag"] == f'"{first["version"]}"'
    assert rig.objects("photos/back/") == [f"photos/back/{first['version']}.jpg"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("condition", ['"{}"', 'W/"{}"', '"x", W/"{}"', "*"])
def test_a_revalidation_that_matches_is_answered_304(uploader, stranger, method, condition):
    record = uploader.upload("cached", ADA).json()
    for path, cache_control in ((record["url"], FOREVER), ("/photos/cached.jpg", BRIEFLY)):
        answer = stranger.request(method, path, headers={"If-None-Match": condition.format(record["version"])})
        assert answer.status_code == 304
        assert answer.content == b""
        assert answer.headers["ETag"] == f'"{record["version"]}"'
        assert answer.headers["Cache-Control"] == cache_control
        assert "Last-Modified" in answer.headers


def test_a_revalidation_that_does_not_match_gets_the_photo(uploader, stranger):
    uploader.upload("cached", ADA)
    answer = stranger.get("/photos/cached.jpg", headers={"If-None-Match": '"0123", W/"4567"'})
    assert answer.status_code == 200
    assert answer.content


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_client_that_sends_only_dates_is_answered_304_too(uploader, stranger, method):
    record = uploader.upload("dated", ADA).json()
    for path, cache_control in ((record["url"], FOREVER), ("/photos/dated.jpg", BRIEFLY)):
        stored = stranger.head(path).headers["Last-Modified"]
        answer = stranger.request(method, path, headers={"If-Modified-Since": stored})
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["ETag"] == f'"{record["version"]}"'
        assert (answer.headers["Cache-Control"], answer.headers["Last-Modified"]) == (cache_control, stored)

        before = format_datetime(parsedate_to_datetime(stored) - timedelta(seconds=1), usegmt=True)
        for headers in (
            {"If-Modified-Since": before},
            {"If-Modified-Since": "tomorrow"},
            {"If-Modified-Since": stored, "If-None-Match": '"0123"'},
        ):
            answer = stranger.request(method, path, headers=headers)
            assert (answer.status_code, bool(answer.content)) == (200, method == "GET")


def test_erasing_leaves_nothing_of_a_person(uploader, stranger, rig):
    urls = [uploader.upload("erased", image).json()["url"] for image in (ADA, GRACE, ADA)]
    other = uploader.upload("erased2", ADA).json()["url"]
    for photos, record in ((3, True), (0, False)):
        answer = uploader.erase("erased")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
        assert answer.json() == {
            "user_id": "erased",
            "photos": photos,
            "record": record,
            "files": 0,
            "uploads": 0,
            "identity_provider": None,
        }
    assert [stranger.get(url).status_code for url in [*urls, "/photos/erased.jpg"]] == [404] * 4
    assert uploader.record("erased").status_code == 404
    assert rig.objects("photos/erased/") == rig.objects("superseded/erased/") == []
    assert stranger.head(other).status_code == 200


def test_erasing_an_unknown_person_succeeds(uploader):
    assert uploader.erase("nobody").status_code == 200


def test_of_two_simultaneous_uploads_one_is_kept_complete(uploader, stranger, rig):
    barrier, answers = Barrier(2), []

    def upload(image):
        barrier.wait()
        answers.append(uploader.upload("race", image))

    threads = [Thread(target=upload, args=[image]) for image in (ADA, GRACE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} <= {201, 409}
    created = {answer.json()["version"]: answer.json() for answer in answers if answer.status_code == 201}
    record = uploader.record("race").json()
    assert record == created[record["version"]]
    assert stranger.get(record["url"]).content == stranger.get("/photos/race.jpg").content
    assert rig.objects("photos/race/") == [f"photos/race/{record['version']}.jpg"]
    assert len(rig.objects("superseded/race/")) == 1


def test_the_neutral_photo_is_served_before_the_organisation_uploads_its_own_and_after_erasing_it(uploader, stranger):
    uploader.erase("_default")
    drawn = None
    for _ in range(2):
        head, get = stranger.head("/photos/_default.jpg"), stranger.get("/photos/_default.jpg")
        assert (head.status_code, get.status_code, head.content) == (200, 200, b"")
        assert pictures.read_clean(get.content).size == (512, 512)
        assert head.headers["Content-Type"] == get.headers["Content-Type"] == "image/jpeg"
        assert head.headers["Content-Length"] == get.headers["Content-Length"] == str(len(get.content))
        assert head.headers["ETag"] == get.headers["ETag"]
        assert head.headers["Cache-Control"] == BRIEFLY
        unchanged = stranger.get("/photos/_default.jpg", headers={"If-None-Match": head.headers["ETag"]})
        assert (unchanged.status_code, unchanged.content) == (304, b"")
        assert get.content == (drawn := drawn or get.content)
        # A client that still has the organisation's own photo, which was erased, must not be told to keep it.
        assert stranger.get("/photos/_default.jpg", headers={"If-Modified-Since": LATER}).content == drawn

        own = uploader.upload("_default", GRACE)
        assert own.status_code == 201
        assert stranger.get("/photos/_default.jpg").content == stranger.get(own.json()["url"]).content != drawn
        assert uploader.erase("_default").json()["record"]
