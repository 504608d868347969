"""The edge: which paths an erasure invalidates, and what happens if that fails."""

import re
from fnmatch import fnmatchcase
from urllib.parse import quote

import pytest
from botocore.stub import ANY, Stubber

from headshot import urls
from headshot.problems import StoreUnavailable
from headshot.stores.edge import Edge, path_of
from tests.unit.stores.stubs import client

VERSION = "0" * 32


@pytest.fixture
def stubbed():
    """Stubs of Parameter Store and CloudFront, and the edge that uses them."""
    clients = {name: client(name) for name in ("ssm", "cloudfront")}
    stubs = {name: Stubber(made) for name, made in clients.items()}
    for stub in stubs.values():
        stub.activate()
    yield stubs["ssm"], stubs["cloudfront"], Edge("/headshot/stack/distribution", *clients.values())
    for stub in stubs.values():
        stub.assert_no_pending_responses()


def found(ssm):
    ssm.add_response("get_parameter", {"Parameter": {"Value": "E1"}}, {"Name": "/headshot/stack/distribution"})


def test_an_erasure_invalidates_the_users_photos_in_the_distribution_of_the_stack(stubbed):
    ssm, cloudfront, edge = stubbed
    found(ssm)
    batch = {"Paths": {"Quantity": 1, "Items": ["/photos/ada*"]}, "CallerReference": ANY}
    cloudfront.add_response("create_invalidation", {}, {"DistributionId": "E1", "InvalidationBatch": batch})
    edge.invalidate("ada@example.com")


def test_repeating_it_is_a_new_invalidation():
    """CloudFront answers a known CallerReference with the earlier invalidation, and invalidates nothing."""
    references = []

    class CloudFront:
        def create_invalidation(self, **request):
            references.append(request["InvalidationBatch"]["CallerReference"])

    class ParameterStore:
        def get_parameter(self, **_request):
            return {"Parameter": {"Value": "E1"}}

    edge = Edge("/headshot/stack/distribution", ParameterStore(), CloudFront())
    edge.invalidate("ada")
    edge.invalidate("ada")
    assert len(set(references)) == 2


@pytest.mark.parametrize("code", ["TooManyInvalidationsInProgress", "AccessDenied", "NoSuchDistribution"])
def test_a_failure_of_cloudfront_is_one_of_the_edge(stubbed, code):
    ssm, cloudfront, edge = stubbed
    found(ssm)
    cloudfront.add_client_error("create_invalidation", code)
    with pytest.raises(StoreUnavailable, match="The edge cache does not answer"):
        edge.invalidate("ada")


def test_a_missing_parameter_is_a_failure_too(stubbed):
    """While the edge is being created, an erasure is repeated rather than half done."""
    ssm, _, edge = stubbed
    ssm.add_client_error("get_parameter", "ParameterNotFound")
    with pytest.raises(StoreUnavailable):
        edge.invalidate("ada")


@pytest.mark.parametrize(
    "user_id",
    ["ada", "00u1ab2", "ada.l-9_x", "ada@example.com", "ada+1@example.com", "o'hara", "a~b", "a=b", "_default"],
)
def test_the_path_matches_every_url_of_the_user_however_it_is_encoded(user_id):
    path = path_of(user_id)
    assert re.fullmatch(r"/photos/[A-Za-z0-9._-]+\*", path)  # nothing that CloudFront would want encoded
    spelled = {user_id, urls.encode(user_id), quote(user_id, safe=""), quote(quote(user_id, safe=""), safe="")}
    for name in spelled:
        assert fnmatchcase(f"/photos/{name}/{VERSION}.jpg", path)
        assert fnmatchcase(f"/photos/{name}.jpg", path)


def test_without_an_edge_nothing_is_invalidated(monkeypatch):
    monkeypatch.setenv("EDGE_PARAMETER", "")
    assert Edge.from_environment() is None
    monkeypatch.setenv("EDGE_PARAMETER", "/headshot/stack/distribution")
    assert isinstance(Edge.from_environment(), Edge)
