"""docs/openapi.yaml says what the running stack does."""

import base64
import re

import schemathesis
import yaml
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from headshot import problems, urls
from local.stack import PROJECT
from tests import pictures
from tests.unit.template import RESOURCES

OPENAPI = yaml.safe_load((PROJECT / "docs/openapi.yaml").read_text())

# What a schema can't say of an image file, its own strategies do: these are good ones.
for kind in ("JPEG", "PNG", "WEBP", "GIF"):
    images = [pictures.plain(colour, size, kind=kind) for colour in ("teal", "pink") for size in ((64, 64), (90, 70))]
    schemathesis.openapi.media_type(f"image/{kind.lower()}", st.sampled_from(images))
schemathesis.openapi.format("crop", st.just("0-0-64"))
schemathesis.openapi.format("start-after", st.just(f"ada/{32 * 'a'}"))
schemathesis.openapi.format("user-id", st.just("ada"))
schemathesis.openapi.format("byte", st.just(base64.b64encode(pictures.plain()).decode()))

# Schemathesis would replace the signature by guesses of its own; tests/stack/test_callers.py tries wrong ones.
schema = schemathesis.openapi.from_dict(OPENAPI | {"components": OPENAPI["components"] | {"securitySchemes": {}}})


@schema.parametrize()
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_the_stack_does_what_its_description_says(case, rig, uploader):
    case.call_and_validate(base_url=rig.url, auth=uploader.auth)


def test_the_description_has_every_route_of_the_template():
    events = [
        event["Properties"]
        for name in ("ServeFunction", "UploadFunction")
        for event in RESOURCES[name]["Properties"]["Events"].values()
    ]
    routes = {(event["Method"], event["Path"]) for event in events if "Path" in event}
    described = {
        (method.upper(), re.sub(r"{\w+}\.jpg$", "{file}", path))
        for path, operations in OPENAPI["paths"].items()
        for method in operations.keys() - {"parameters"}
    }
    assert described == routes


def test_the_description_lists_every_problem_and_the_pattern_of_user_ids():
    kinds = {*problems.Problem.__subclasses__(), *problems.StoreUnavailable.__subclasses__()}
    codes = {problem.code for problem in kinds if hasattr(problem, "code")}
    codes |= problems.ImageProblem.STATUSES.keys()
    assert set(OPENAPI["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]) == codes
    assert OPENAPI["components"]["parameters"]["UserId"]["schema"]["pattern"] == f"^{urls.USER_ID.pattern}$"
