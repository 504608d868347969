"""From an upload over HTTP to the identity provider that holds the photo's URL, with each of the five."""

import json
from contextlib import contextmanager
from functools import partial
from unittest.mock import ANY

import pytest
import requests

from local import portrait, stack
from local.fake_okta import serving
from tests.awaiting import eventually
from tests.fakes.systems import PROVIDERS, VARIANTS
from tests.stack.conftest import Rig

ADA, GRACE = (portrait.jpeg(name, (300, 400)) for name in ("Ada Lovelace", "Grace Hopper"))


@contextmanager
def chosen(rig, system, **parameters):
    """Choose an identity provider, as it looks to the stack's administrator."""
    name = f"headshot/{system.name.lower()}-{len(rig.client('secretsmanager').list_secrets()['SecretList'])}"
    rig.client("secretsmanager").create_secret(Name=name, SecretString=json.dumps(system.secret))
    with serving(system.app) as url:
        settings = system.settings(url)
        update(
            rig,
            IdentityProvider=system.name,
            IdentityProviderUrl=settings.url,
            IdentityProviderTokenUrl=settings.token_url,
            IdentityProviderSecret=name,
            IdentityProviderAttribute=settings.attribute,
            **parameters,
        )
        yield Rig(rig.emulator, stack.outputs(rig.emulator), rig.process_group)
        update(rig, IdentityProvider="None")


def update(rig, **parameters):
    """Change parameters of the stack, as `aws cloudformation update-stack --use-previous-template` does."""
    cloudformation = rig.client("cloudformation")
    [current] = cloudformation.describe_stacks(StackName=stack.STACK)["Stacks"]
    kept = {item["ParameterKey"]: item["ParameterValue"] for item in current["Parameters"]}
    cloudformation.update_stack(
        StackName=stack.STACK,
        UsePreviousTemplate=True,
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in (kept | parameters).items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    cloudformation.get_waiter("stack_update_complete").wait(StackName=stack.STACK, WaiterConfig={"Delay": 1})


# Okta's service apps are created with proof of possession.
AS_CREATED = ["okta-dpop", *(name for name in PROVIDERS if name != "okta")]


@pytest.mark.parametrize("name", AS_CREATED)
def test_a_photo_reaches_the_identity_provider_is_replaced_there_and_goes_with_the_person(rig, uploader, name):
    system = VARIANTS[name]()
    ada = system.fake.add("ada", "ada@example.com")
    with chosen(rig, system):
        for image in (ADA, GRACE):
            url = uploader.upload(ada, image).json()["url"]
            eventually(partial(holds, system, ada, url))
            assert requests.head(url, timeout=10).headers["Content-Type"] == "image/jpeg"
        eventually(lambda: uploader.record(ada).json()["published"])
        assert uploader.record(ada).json()["published"] == {
            "status": "published",
            "at": ANY,
            "attempts": 1,
            "error": None,
        }
        assert uploader.erase(ada).json()["record"]
        assert uploader.record(ada).status_code == 404
        eventually(partial(holds, system, ada, f"{rig.url}/photos/_default.jpg"))
        eventually(lambda: uploader.erase(ada).json()["identity_provider"] is None)
        assert records(rig) == []


def records(rig):
    """Everything in the records table."""
    return rig.client("dynamodb").scan(TableName=rig.outputs["RecordsTable"])["Items"]


def holds(system, user_id, url):
    return system.fake.photo_url(user_id) == url


def test_without_an_identity_provider_nothing_of_publish_exists(rig, uploader):
    resources = rig.client("cloudformation").describe_stack_resources(StackName=stack.STACK)["StackResources"]
    functions = {item["LogicalResourceId"] for item in resources if item["ResourceType"] == "AWS::Lambda::Function"}
    queues = {item["LogicalResourceId"] for item in resources if item["ResourceType"] == "AWS::SQS::Queue"}
    assert functions == {"ServeFunction", "UploadFunction", "IngestFunction", "SweepFunction"}
    assert queues == {"IngestQueue", "IngestDeadLetterQueue"}
    assert uploader.upload("alone", ADA).json()["published"] is None
    uploader.erase("alone")
