"""From an upload over HTTP to the identity provider that has the photo's URL, with each of the five."""

from functools import partial
from unittest.mock import ANY

import pytest
import requests

from local import portrait, stack
from tests.awaiting import eventually
from tests.fakes.systems import PROVIDERS, VARIANTS
from tests.publish.deploying import identity_provider
from tests.publish.watching import erasure, published, records

ADA, GRACE = (portrait.jpeg(name, (300, 400)) for name in ("Ada Lovelace", "Grace Hopper"))

# Okta's service apps require proof of possession by default.
DEFAULTS = ["okta-dpop", *(name for name in PROVIDERS if name != "okta")]


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_photo_is_published_replaced_and_erased_at_the_identity_provider(rig, uploader, name):
    system = VARIANTS[name]()
    ada = system.fake.add("ada", "ada@example.com")
    with identity_provider(rig, system):
        for image in (ADA, GRACE):
            url = uploader.upload(ada, image).json()["url"]
            eventually(partial(has, system, ada, url))
            assert requests.head(url, timeout=10).headers["Content-Type"] == "image/jpeg"
        eventually(lambda: published(uploader, ada))
        assert published(uploader, ada) == {"status": "published", "at": ANY, "attempts": 1, "error": None}
        assert uploader.erase(ada).json()["record"]
        assert uploader.record(ada).status_code == 404
        eventually(partial(has, system, ada, f"{rig.url}/photos/_default.jpg"))
        eventually(lambda: erasure(uploader, ada) is None)
        assert records(rig) == []


def has(system, user_id, url):
    return system.fake.photo_url(user_id) == url


def test_without_an_identity_provider_no_resource_for_publishing_exists(rig, uploader):
    resources = rig.client("cloudformation").describe_stack_resources(StackName=stack.STACK)["StackResources"]
    functions = {item["LogicalResourceId"] for item in resources if item["ResourceType"] == "AWS::Lambda::Function"}
    queues = {item["LogicalResourceId"] for item in resources if item["ResourceType"] == "AWS::SQS::Queue"}
    assert functions == {"ServeFunction", "UploadFunction", "IngestFunction", "SweepFunction"}
    assert queues == {"IngestQueue", "IngestDeadLetterQueue", "FailedRunsQueue"}
    assert uploader.upload("alone", ADA).json()["published"] is None
    uploader.erase("alone")
