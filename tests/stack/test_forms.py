"""Uploads by form, for files over the direct limit; and the erasure of a user's files."""

import pytest
import requests

from tests.awaiting import eventually
from tests.stack.dropbox import ADA, GRACE


def form_of(uploader, user_id):
    answer = uploader.post(f"/users/{user_id}/photo/uploads")
    assert answer.status_code == 201
    form = answer.json()
    assert answer.headers["Location"] == form["upload"]
    assert uploader.get(form["upload"]).json()["status"] == "waiting"
    return form


def post(form, data, **fields):
    return requests.post(form["url"], data=form["fields"] | fields, files={"file": data}, timeout=30)


def test_a_form_accepts_one_file_for_one_user(uploader, settled):
    form = form_of(uploader, "form@example.com")
    assert post(form, ADA).status_code == 204
    found = settled("form@example.com", form["upload_id"])
    assert (found["status"], found["file"]) == ("accepted", None)
    record = uploader.record("form@example.com").json()
    assert found["url"] == record["url"]
    assert found["principal"] == record["principal"]
    assert record["principal"].endswith(":assumed-role/uploader/test")


def test_a_form_accepts_no_second_file(rig, uploader, settled):
    form = form_of(uploader, "formtwice")
    post(form, ADA)
    first = settled("formtwice", form["upload_id"])
    post(form, GRACE)
    eventually(lambda: rig.objects("dropbox/formtwice") == [])
    assert uploader.get(form["upload"]).json() == first
    assert uploader.record("formtwice").json()["url"] == first["url"]
    assert rig.objects("rejected/formtwice") == []


def test_a_form_does_not_bring_an_erased_user_back(rig, uploader):
    form = form_of(uploader, "formerased")
    uploader.erase("formerased")
    assert uploader.get(form["upload"]).status_code == 404
    assert post(form, ADA).status_code == 204
    eventually(lambda: rig.objects("dropbox/formerased") == [])
    assert uploader.record("formerased").status_code == 404
    assert rig.objects("photos/formerased") == rig.objects("rejected/formerased") == []


def test_a_form_accepts_no_other_name_no_empty_file_and_none_over_25_mb(rig, uploader):
    form = form_of(uploader, "strict")
    assert post(form, ADA, key="dropbox/somebody-else.jpg").status_code == 403
    assert post(form, b"").status_code == 400
    assert post(form, bytes(25_000_001)).status_code == 400
    assert rig.objects("dropbox/somebody-else") == rig.objects("dropbox/strict") == []


@pytest.mark.parametrize("path", ["/uploads", "/users/ada/photo/uploads", "/users/ada/photo/uploads/ada.jpg"])
def test_only_allowed_callers_may_see_or_create_uploads(stranger, bystander, path):
    for caller in (stranger, bystander):
        assert caller.get(path).status_code == 403
    assert stranger.post("/users/ada/photo/uploads").status_code == 403


def test_erasing_a_user_deletes_the_users_files_and_uploads_and_no_others(rig, drop, ingested, uploader):
    for name in ("leaves.jpg", "leaves.too.jpg"):
        drop(name, b"no picture")
    ingested("leaves", "leaves.jpg")
    other = ingested("leaves.too", "leaves.too.jpg")
    eventually(lambda: len(rig.objects("rejected/leaves")) == 2)
    form_of(uploader, "leaves")
    receipt = uploader.erase("leaves")
    assert receipt.status_code == 200
    assert (receipt.json()["files"], receipt.json()["uploads"]) == (1, 2)
    assert rig.objects("rejected/leaves") == ["rejected/leaves.too.jpg"]
    assert uploader.get("/users/leaves/photo/uploads").json() == {"uploads": []}
    assert uploader.get("/users/leaves.too/photo/uploads").json() == {"uploads": [other]}
