"""SAM CLI's own API service and events/, as `sam local` uses them, with the deployed functions instead of Docker."""

import base64
import json
from contextlib import ExitStack

import pytest
from samcli.lib.providers.api_provider import ApiProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider
from samcli.local.apigw.local_apigw_service import LocalApigwService

from local import events, portrait
from local.stack import PROJECT
from tests.stack.test_faults import changed

# SAM CLI 1.167 calls functions that its libraries have deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

ADA = portrait.jpeg("Ada Lovelace", (300, 400))


class Runner:
    """Runs a deployed function by its logical id. SAM CLI's own runner uses Docker, and sets AWS_SAM_LOCAL."""

    def __init__(self, rig):
        self._rig = rig

    def is_debugging(self):
        return False

    def invoke(self, function, event, stdout, **_options):
        result = self._rig.client("lambda").invoke(FunctionName=self._rig.physical_id(function), Payload=event)
        assert "FunctionError" not in result
        stdout.write_str(result["Payload"].read().decode())


@pytest.fixture(scope="module")
def sam_local(rig):
    """A client of the API of `sam local start-api`."""
    with ExitStack() as settings:
        for function in ("ServeFunction", "UploadFunction"):
            settings.enter_context(changed(rig, function, AWS_SAM_LOCAL="true"))
        yield start_api(rig)


def start_api(rig):
    stacks, _ = SamLocalStackProvider.get_stacks(str(PROJECT / "template.yaml"))
    service = LocalApigwService(ApiProvider(stacks, cwd=str(PROJECT)).api, Runner(rig))
    service.create()
    return service._app.test_client()


def test_a_photo_is_uploaded_as_json_fetched_and_erased(sam_local):
    image = base64.b64encode(ADA).decode()
    created = sam_local.put("/users/sam@example.com/photo", json={"image": image})
    assert created.status_code == 201
    assert created.json["principal"] == "sam local"
    path = f"/photos/sam@example.com/{created.json['version']}.jpg"
    for target in (path, path.replace("@", "%40"), "/photos/sam@example.com.jpg"):
        head, get = sam_local.head(target), sam_local.get(target)
        assert (head.status_code, get.status_code) == (200, 200)
        assert head.headers["Content-Type"] == get.headers["Content-Type"] == "image/jpeg"
        assert len(get.data) == created.json["bytes"]
    assert sam_local.get("/users/sam@example.com/photo").json == created.json
    assert sam_local.delete("/users/sam@example.com/photo").status_code == 200
    assert sam_local.get(path).status_code == 404


def test_a_wrong_method_is_405_and_an_unknown_path_404(sam_local):
    assert sam_local.post("/photos/sam@example.com.jpg").status_code == 405
    assert sam_local.get("/nowhere").status_code == 404


EXPECTED = {
    "upload-put-photo": 201,
    "upload-get-users": 200,
    "upload-get-record": 200,
    "upload-get-history": 200,
    "upload-post-upload": 201,
    "upload-get-uploads": 200,
    "upload-get-upload": 404,
    "upload-get-all-uploads": 200,
    "serve-head-version": 200,
    "serve-get-version": 200,
    "serve-head-current": 200,
    "serve-get-current": 200,
    "serve-head-health": 200,
    "serve-get-health": 200,
    "serve-default": 405,
    "upload-delete-photo": 200,
}


def test_the_events_of_routes_work_one_after_the_other(rig):
    for name, status in EXPECTED.items():
        event = (PROJECT / f"events/{name}.json").read_bytes()
        function = f"{name.partition('-')[0].capitalize()}Function"
        result = rig.client("lambda").invoke(FunctionName=rig.physical_id(function), Payload=event)
        assert (name, json.load(result["Payload"])["statusCode"]) == (name, status)


SWEEPS = {"sweep-files": {"queued", "dead_letters_deleted"}, "sweep-photos": {"superseded"}}


@pytest.mark.parametrize("name", SWEEPS)
def test_the_events_of_the_schedules_work(rig, name):
    event = (PROJECT / f"events/{name}.json").read_bytes()
    result = rig.client("lambda").invoke(FunctionName=rig.outputs["SweepFunction"], Payload=event)
    assert json.load(result["Payload"]).keys() == SWEEPS[name]


def test_there_is_an_event_for_every_route_and_all_are_up_to_date(tmp_path):
    events.main(tmp_path)
    made = {file.name: file.read_text() for file in tmp_path.iterdir()}
    kept = {file.name: file.read_text() for file in (PROJECT / "events").iterdir()}
    assert kept == made, "run `make events`"
    others = ["ingest-queue", *SWEEPS, "relay-changes", "publish-queue", "reconcile", "canary-photo"]
    assert made.keys() == {f"{name}.json" for name in [*EXPECTED, *others]}
