import re
from urllib.parse import unquote, unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headshot import urls
from headshot.problems import InvalidUserId, NotFound
from local import gateway

VERSION = "9f86d081884c7d659a2feaa0c55ad015"

user_ids = st.from_regex(urls.USER_ID, fullmatch=True)


@pytest.mark.parametrize(
    "user_id", ["00u1example", "ada@example.com", "o'brien@example.com", "a", "2b1e3f0a-0000-4000-8000-000000000000"]
)
def test_ids_and_logins_of_identity_providers_are_user_ids(user_id):
    assert urls.parse_user_id(user_id) == user_id


BAD_USER_IDS = [
    *["", ".", "..", "...", ".a", "-a"],
    *["a/b", "a%2Fb", "a\\b", "%2e%2e", "a?b"],
    *["a b", "a%20b", "a\nb", "a%00b", "a\u202eb"],
    *["a%", "a%40b", "a%2540b", "%63eo", "a*", 'a"b', "<script>"],
    *["żółw", "%C5%BC", "Ада"],
    "a" * 255,
]


@pytest.mark.parametrize("segment", BAD_USER_IDS)
def test_anything_else_is_not_a_user_id(segment):
    with pytest.raises(InvalidUserId):
        urls.parse_user_id(segment)
    with pytest.raises(NotFound):
        urls.parse_current(f"{segment}.jpg")
    with pytest.raises(NotFound):
        urls.parse_version(segment, f"{VERSION}.jpg")


@pytest.mark.parametrize(
    ("user_id", "flaw"),
    {
        "": "is empty",
        "n/a": "contains '/'",
        "DOMAIN\\user": r"contains '\\'",
        ".": "begins with '.'",
        "_ada": "begins with '_'",
        "ada lovelace ä": "contains ' '",
        "zoë": "contains 'ë'",
        "ada\n": r"contains '\n'",
        "a\x1b[31m": r"contains '\x1b'",
        "a\u202e": r"contains '\u202e'",
        "a" * 255: "has 255",
    }.items(),
)
def test_the_error_names_what_is_wrong_with_a_user_id(user_id, flaw):
    with pytest.raises(InvalidUserId, match=f"; this one {re.escape(flaw)}. Use the identity provider's"):
        urls.check_user_id(user_id)


@pytest.mark.parametrize("file", ["", ".jpg", VERSION, f"{VERSION}.png", f"{VERSION.upper()}.jpg", f"{VERSION}0.jpg"])
def test_only_a_version_with_its_extension_names_a_photo(file):
    with pytest.raises(NotFound):
        urls.parse_version("ada", file)


@given(user_ids)
def test_a_photo_url_is_parsed_into_the_parts_that_it_was_built_from(user_id):
    url = urls.photo_url("https://photos.example.com", user_id, VERSION)
    assert url.isascii()
    path = gateway.decode(url.removeprefix("https://photos.example.com")) or ""
    user_segment, file_segment = path.removeprefix("/photos/").split("/")
    assert urls.parse_version(user_segment, file_segment) == (user_id, VERSION)
    assert urls.parse_current(f"{user_segment}.jpg") == user_id


@given(user_ids)
def test_a_photo_url_survives_a_gateway_that_decodes_a_plus_as_a_space(user_id):
    path = urls.photo_url("", user_id, VERSION)
    assert unquote_plus(unquote_plus(path)) == f"/photos/{user_id}/{VERSION}.jpg"


@given(user_ids)
def test_under_sam_local_headshot_decodes_a_path_the_second_time(user_id):
    user_segment = unquote(urls.photo_url("", user_id, VERSION)).split("/")[2]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_SAM_LOCAL", "true")
        assert urls.parse_user_id(user_segment) == user_id
