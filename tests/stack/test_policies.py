"""Each policy allows its own routes and no other: those of the stack, and those to adapt in docs/permissions.md."""

import boto3
import pytest
from botocore.exceptions import ClientError

from headshot_cli.verifying.access import SIGNED_ROUTES
from local import portrait
from local.emulator import REGION
from tests.stack.conftest import Caller, Signature, assume_role
from tests.stack.policies import ROUTES, TO_ADAPT, adapted, give

ADA = portrait.jpeg("Ada Lovelace", (300, 400))

# The documented policies for callers of the API, and the routes that they allow: all routes, or those of one person.
EXPECTED = {
    "One person": {route for route in ROUTES if route[1].startswith("/users/{user_id}/")},
    "Read only": {route for route, policies in ROUTES.items() if "read" in policies},
    "An import": {("GET", "/users"), ("PUT", "/users/{user_id}/photo")},
    "The drop box": set(),
}


@pytest.fixture
def call(rig, uploader):
    """Call every signed route for a person who has a photo and an upload, and return the routes that succeed.

    All others must answer 403, as API Gateway does.
    """

    def called(credentials, user_id):
        uploader.upload(user_id, ADA)
        upload_id = uploader.post(f"/users/{user_id}/photo/uploads").json()["upload_id"]
        caller, statuses = Caller(rig.url, Signature(credentials)), {}
        for method, path in sorted(ROUTES, key=lambda route: route[0] == "DELETE"):  # the person has to exist till then
            target = path.format(user_id=user_id, upload_id=upload_id)
            answer = caller.request(method, target, data=ADA if method == "PUT" else None)
            statuses[method, path] = answer.status_code
        uploader.erase(user_id)
        assert set(statuses.values()) <= {200, 201, 403}, statuses
        return {route for route, status in statuses.items() if status != 403}

    return called


def test_the_table_of_routes_says_who_may_call_each_signed_route():
    assert {(method, path.format(user_id="{}", upload_id="{}")) for method, path in ROUTES} == set(SIGNED_ROUTES)
    assert set().union(*ROUTES.values()) == {"upload", "read", "administer"}


@pytest.mark.parametrize("policy", ["upload", "read", "administer"])
def test_a_policy_of_the_stack_allows_the_routes_in_the_table_and_no_other(rig, call, policy):
    credentials = assume_role(rig, f"{policy}-only")
    arn = rig.outputs[f"{policy.capitalize()}PolicyArn"]
    rig.client("iam").attach_role_policy(RoleName=f"{policy}-only", PolicyArn=arn)
    assert call(credentials, f"policy.{policy}") == {route for route, names in ROUTES.items() if policy in names}


def test_every_documented_policy_is_tried():
    assert TO_ADAPT.keys() == EXPECTED.keys()


@pytest.mark.parametrize("heading", EXPECTED)
def test_a_documented_policy_allows_what_it_is_for_and_nothing_else(rig, call, heading):
    role = heading.replace(" ", "-")
    credentials = assume_role(rig, role)
    give(rig, role, adapted(rig, heading))
    assert call(credentials, "ada") == EXPECTED[heading]


def test_the_policy_for_one_person_is_for_nobody_else(rig, call):
    credentials = assume_role(rig, "ada")
    give(rig, "ada", adapted(rig, "One person"))
    for other in ("grace", "ada.lovelace", "ada@example.com", "Ada"):
        assert call(credentials, other) == set()


def test_the_policy_for_the_drop_box_allows_to_put_files_there_and_nothing_else(rig, uploader, ingested):
    credentials, bucket = assume_role(rig, "copier"), rig.outputs["PhotosBucket"]
    give(rig, "copier", adapted(rig, "The drop box"))
    url = uploader.upload("kept", ADA).json()["url"]
    key = url.removeprefix(f"{rig.outputs['BaseUrl']}/")
    session = boto3.Session(credentials.access_key, credentials.secret_key, credentials.token, region_name=REGION)
    s3 = session.client("s3", endpoint_url=rig.emulator.url)
    for action, parameters in [
        ("put_object", {"Key": "photos/kept.jpg", "Body": ADA}),
        ("put_object", {"Key": "rejected/kept.jpg", "Body": ADA}),
        ("get_object", {"Key": key}),
        ("delete_object", {"Key": "dropbox/kept.jpg"}),
        ("list_objects_v2", {"Prefix": "dropbox/"}),
        ("list_object_versions", {}),
        ("delete_bucket", {}),
    ]:
        with pytest.raises(ClientError, match="AccessDenied"):
            getattr(s3, action)(Bucket=bucket, **parameters)
    s3.put_object(Bucket=bucket, Key="dropbox/copied.jpg", Body=ADA)
    assert ingested("copied", "copied.jpg")["status"] == "accepted"
