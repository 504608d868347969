"""The bucket is emptied or gone: what commands say, what is restored, and what has to be imported again."""

import json
from contextlib import contextmanager

from tests.awaiting import eventually
from tests.life.test_table_lost import COMMANDS


def test_photos_that_somebody_deleted_come_back_with_a_rebuild(rig, headshot, people, stranger):
    """As `aws s3 rm --recursive` does: it leaves delete markers, and S3 keeps the versions for a day."""
    s3, bucket = rig.client("s3"), rig.outputs["PhotosBucket"]
    for user_id, record in people.items():
        s3.delete_object(Bucket=bucket, Key=f"photos/{user_id}/{record['version']}.jpg")
        assert stranger.head(record["url"]).status_code == 404
    code, printed, _ = headshot("status", "--json")
    assert (code, json.loads(printed)["photos"]["lost"]) == (1, 2)
    assert "photos lost from the bucket" in headshot("status")[1]
    assert headshot("rebuild")[0] == 0
    assert all(stranger.get(record["url"]).status_code == 200 for record in people.values())
    assert headshot("status")[0] == 0


def _empty(rig, prefix=""):
    s3, bucket = rig.client("s3"), rig.outputs["PhotosBucket"]
    listed = s3.list_object_versions(Bucket=bucket, Prefix=prefix)
    for item in listed.get("Versions", []) + listed.get("DeleteMarkers", []):
        s3.delete_object(Bucket=bucket, Key=item["Key"], VersionId=item["VersionId"])


def test_after_an_emptied_bucket_the_same_pictures_get_the_same_urls(rig, headshot, people, stranger, tmp_path):
    kept = {user_id: stranger.get(record["url"]).content for user_id, record in people.items()}
    _empty(rig)
    code, printed, _ = headshot("rebuild")
    assert (code, printed.splitlines()[-2:]) == (
        1,
        [f"{user_id}: the photo is no longer in the bucket." for user_id in sorted(people)],
    )
    for user_id in people:
        assert stranger.head(f"/photos/{user_id}.jpg").status_code == 503  # an outage: nobody drops the photo
        (tmp_path / "picture.jpg").write_bytes(kept[user_id])
        assert headshot("put", user_id, str(tmp_path / "picture.jpg"))[0] == 0
    assert all(stranger.head(f"/photos/{user_id}.jpg").status_code == 200 for user_id in people)
    assert headshot("status")[0] == headshot("rebuild")[0] == 0


@contextmanager
def without_bucket(rig):
    """Delete the bucket, and create it again under its name."""
    s3, bucket = rig.client("s3"), rig.outputs["PhotosBucket"]
    _empty(rig)
    s3.delete_bucket(Bucket=bucket)
    try:
        yield
    finally:
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})


def test_every_command_says_that_the_bucket_is_gone(rig, headshot, people, stranger, tmp_path):
    photo = tmp_path / "ada.jpg"
    photo.write_bytes(stranger.get(people["ada.lovelace"]["url"]).content)
    gone = [command for command in COMMANDS if command[0] in {"status", "erase", "put", "rebuild"}]
    with without_bucket(rig):
        for command in gone:
            code, _, error = headshot(*(part.format(photo=photo) for part in command))
            assert (code, error.strip()) == (
                1,
                "The stack's bucket no longer exists. docs/life.md says how to get it back.",
            ), (command, error)
        for record in people.values():
            assert stranger.head(record["url"]).status_code == stranger.get(record["url"]).status_code == 503
        code, _, error = headshot("import", str(tmp_path))
        assert code == 1
        assert "bucket no longer exists" in error
    eventually(lambda: headshot("put", "ada.lovelace", str(photo))[0] == 0)
    assert headshot("check", "ada.lovelace")[0] == 0
