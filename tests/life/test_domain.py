"""Another address for photos: URLs that were handed out go on working, and records get new ones."""

from local import stack
from tests.publish.deploying import update_stack


def test_after_a_change_of_address_old_urls_work_and_a_rebuild_gives_records_new_ones(
    rig, headshot, people, uploader, stranger
):
    update_stack(rig, BaseUrl=f"{rig.url}/people")
    code, printed, _ = headshot("rebuild")
    assert (code, printed) == (0, "People: 2; 0 unchanged, 0 rebuilt, 2 readdressed, 0 unreadable.\n")
    for user_id, record in people.items():
        url = record["url"].replace(rig.url, f"{rig.url}/people")
        found = uploader.record(user_id).json()
        assert (found["url"], found["version"], found["published"]) == (url, record["version"], None)
        assert stranger.get(record["url"]).status_code == 200
    assert headshot("rebuild")[1] == "People: 2; 2 unchanged, 0 rebuilt, 0 readdressed, 0 unreadable.\n"
    update_stack(rig, BaseUrl=rig.url)
    assert headshot("rebuild")[0] == 0
    assert {user_id: uploader.record(user_id).json()["url"] for user_id in people} == {
        user_id: record["url"] for user_id, record in people.items()
    }
    assert stack.outputs(rig.emulator) == rig.outputs
