"""A stack with CloudFront in front of photos, as far as the emulator goes.

MiniStack has no origin groups, caches nothing and so has nothing to invalidate. What it stores shows that the template
deploys, that the API's own address goes on working, and that an erasure asks for the invalidation.
"""

import pytest

from local import portrait, stack
from local.emulator import ACCOUNT_ID, Emulator
from tests.publish.deploying import update_stack
from tests.stack.conftest import Caller, Rig, Signature, assume_role, free_port

EDGE = {
    "EdgeCache": "Enabled",
    "DomainName": "photos.example.com",
    "EdgeCertificateArn": f"arn:aws:acm:us-east-1:{ACCOUNT_ID}:certificate/12345678-1234-1234-1234-123456789012",
}


@pytest.fixture(scope="module")
def edge(tmp_path_factory):
    emulator = Emulator(free_port(), tmp_path_factory.mktemp("edge"))
    with emulator.running() as process:
        stack.deploy(emulator, EDGE)
        yield Rig(emulator, stack.outputs(emulator), process.pid)


@pytest.fixture(scope="module")
def caller(edge):
    credentials = assume_role(edge, "caller")
    edge.client("iam").attach_role_policy(RoleName="caller", PolicyArn=edge.outputs["AdministerPolicyArn"])
    return Caller(edge.url, Signature(credentials))


def invalidated(edge):
    """Return the paths of all invalidations so far."""
    cloudfront, distribution = edge.client("cloudfront"), edge.physical_id("Distribution")
    found = cloudfront.list_invalidations(DistributionId=distribution)["InvalidationList"].get("Items", [])
    ids = [item["Id"] for item in found]
    read = [cloudfront.get_invalidation(DistributionId=distribution, Id=one)["Invalidation"] for one in ids]
    return [path for item in read for path in item["InvalidationBatch"]["Paths"]["Items"]]


def test_the_distribution_serves_the_host_name_from_s3_and_the_api(edge):
    config = edge.client("cloudfront").get_distribution(Id=edge.physical_id("Distribution"))["Distribution"][
        "DistributionConfig"
    ]
    assert config["Aliases"]["Items"] == ["photos.example.com"]
    origins = {item["Id"]: item["DomainName"] for item in config["Origins"]["Items"]}
    assert origins["photos"].startswith(f"{edge.outputs['PhotosBucket']}.s3.")
    assert ".execute-api." in origins["api"]
    [behavior] = config["CacheBehaviors"]["Items"]
    assert behavior["ResponseHeadersPolicyId"] == edge.physical_id("EdgeHeadersPolicy")
    assert config["DefaultCacheBehavior"]["CachePolicyId"] == edge.physical_id("EdgeCachePolicy")


def test_erasing_a_person_invalidates_their_photos(edge, caller):
    url = caller.upload("ada@example.com", portrait.jpeg("Ada", (300, 400))).json()["url"]
    assert Caller(edge.url).get(url).status_code == 200
    assert invalidated(edge) == []
    assert caller.erase("ada@example.com").status_code == 200
    assert invalidated(edge) == ["/photos/ada*"]
    assert caller.erase("ada@example.com").status_code == 200
    assert invalidated(edge) == ["/photos/ada*"] * 2


def test_an_erasure_that_cannot_reach_the_edge_answers_503_and_can_be_repeated(edge, caller):
    caller.upload("grace", portrait.jpeg("Grace", (300, 400)))
    ssm, name = edge.client("ssm"), f"/headshot/{stack.STACK}/distribution"
    value = ssm.get_parameter(Name=name)["Parameter"]["Value"]
    ssm.delete_parameter(Name=name)
    failed = caller.erase("grace")
    assert (failed.status_code, failed.json()["code"]) == (503, "store-unavailable")
    assert failed.headers["Retry-After"]
    ssm.put_parameter(Name=name, Type="String", Value=value)
    assert caller.erase("grace").status_code == 200
    assert "/photos/grace*" in invalidated(edge)


def test_without_the_edge_nothing_is_left_of_it_and_erasing_needs_none(edge, caller):
    """The last test: it switches the edge off."""
    distribution = edge.physical_id("Distribution")
    update_stack(edge, EdgeCache="Disabled", DomainName="", EdgeCertificateArn="")
    items = edge.client("cloudfront").list_distributions()["DistributionList"].get("Items", [])
    assert distribution not in [item["Id"] for item in items]
    caller.upload("mary", portrait.jpeg("Mary", (300, 400)))
    assert caller.erase("mary").status_code == 200
