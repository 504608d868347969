"""CloudFront in front of photos, as the template describes it."""

import importlib
import json
import re
from http import HTTPStatus

import pytest

from headshot import metadata, urls
from headshot.http import Response
from tests.unit.examples import RECORD
from tests.unit.template import RESOURCES, TEMPLATE
from tests.unit.translated import translated

CONFIG = RESOURCES["Distribution"]["Properties"]["DistributionConfig"]
HEADERS = RESOURCES["EdgeHeadersPolicy"]["Properties"]["ResponseHeadersPolicyConfig"]
CACHE = RESOURCES["EdgeCachePolicy"]["Properties"]["CachePolicyConfig"]
[VERSIONED] = CONFIG["CacheBehaviors"]
DEFAULT = CONFIG["DefaultCacheBehavior"]
A_DAY = 86400


@pytest.fixture
def serve(monkeypatch):
    """The handler of serve."""
    monkeypatch.setenv("PHOTOS_BUCKET", "bucket")
    monkeypatch.setenv("RECORDS_TABLE", "table")
    return importlib.import_module("serve.handler")


def matches(pattern, path):
    """Return whether CloudFront chooses a behaviour for a path: `*` is any text, slashes included."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), path) is not None


@pytest.mark.parametrize("user_id", ["ada", "ada@example.com", "ada+1@example.com", "_default"])
def test_only_urls_with_a_version_are_read_from_s3(user_id):
    url = urls.photo_url("", user_id, "0" * 32)
    assert matches(VERSIONED["PathPattern"], url)
    for other in (f"/photos/{urls.encode(user_id)}.jpg", "/health", "/users", f"/users/{user_id}/photo"):
        assert not matches(VERSIONED["PathPattern"], other)
    assert VERSIONED["TargetOriginId"] == "photos-or-api"
    assert DEFAULT["TargetOriginId"] == "api"


def test_the_api_answers_what_s3_does_not_have_and_what_it_fails_on():
    [group] = CONFIG["OriginGroups"]["Items"]
    assert [member["OriginId"] for member in group["Members"]["Items"]] == ["photos", "api"]
    codes = group["FailoverCriteria"]["StatusCodes"]
    assert codes == {"Quantity": 6, "Items": [403, 404, 500, 502, 503, 504]}


def test_the_edge_reads_current_photos_and_nothing_else_of_the_bucket():
    statements = RESOURCES["PhotosBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    [(condition, allowed, otherwise)] = [item["Fn::If"] for item in statements if "Fn::If" in item]
    assert (condition, otherwise) == ("HasEdge", {"Ref": "AWS::NoValue"})
    assert (allowed["Action"], allowed["Resource"]) == ("s3:GetObject", {"Fn::Sub": "${PhotosBucket.Arn}/photos/*"})
    arn = "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Distribution}"
    assert allowed["Condition"] == {"StringEquals": {"aws:SourceArn": {"Fn::Sub": arn}}}
    access = RESOURCES["PhotosAccess"]["Properties"]["OriginAccessControlConfig"]
    assert (access["SigningBehavior"], access["OriginAccessControlOriginType"]) == ("always", "s3")


def test_the_edge_only_reads_and_only_over_tls():
    for behavior in (VERSIONED, DEFAULT):
        assert behavior["AllowedMethods"] == ["GET", "HEAD"]
        assert behavior["ViewerProtocolPolicy"] == "https-only"
    [api] = [origin for origin in CONFIG["Origins"] if origin["Id"] == "api"]
    assert api["CustomOriginConfig"] == {"OriginProtocolPolicy": "https-only", "OriginSSLProtocols": ["TLSv1.2"]}


def test_a_photo_from_s3_has_the_headers_of_serve(serve):
    """All but ETag and Last-Modified, which S3 sends itself."""
    security, custom = HEADERS["SecurityHeadersConfig"], HEADERS["CustomHeadersConfig"]["Items"]
    assert security["ContentTypeOptions"] == {"Override": True}
    added = {"X-Content-Type-Options": "nosniff"}
    added["Content-Security-Policy"] = security["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    added |= {item["Header"]: item["Value"] for item in custom}
    answer = Response(HTTPStatus.OK, {"Cache-Control": serve.FOREVER}, b"")
    assert added == answer.to_event()["headers"]
    assert VERSIONED["ResponseHeadersPolicyId"] == {"Ref": "EdgeHeadersPolicy"}


def test_a_problem_document_keeps_its_own_cache_control():
    overriding = {item["Header"]: item["Override"] for item in HEADERS["CustomHeadersConfig"]["Items"]}
    assert overriding["Cache-Control"] is False


def test_no_metadata_of_the_object_leaves_the_edge():
    removed = {item["Header"] for item in HEADERS["RemoveHeadersConfig"]["Items"]}
    stored = metadata.of(RECORD)
    assert "principal" in stored
    everything = {f"x-amz-meta-{name.replace('_', '-')}" for name in metadata._KEPT}
    assert everything >= {f"x-amz-meta-{name}" for name in stored}
    assert removed >= everything
    assert len(removed) <= 10  # CloudFront's quota


def test_nothing_stays_at_the_edge_for_more_than_a_day_and_errors_not_at_all():
    assert (CACHE["MinTTL"], CACHE["DefaultTTL"], CACHE["MaxTTL"]) == (0, A_DAY, A_DAY)
    assert CACHE["ParametersInCacheKeyAndForwardedToOrigin"]["QueryStringsConfig"] == {"QueryStringBehavior": "none"}
    errors = {item["ErrorCode"]: item["ErrorCachingMinTTL"] for item in CONFIG["CustomErrorResponses"]}
    assert errors == dict.fromkeys([404, 500, 502, 503, 504], 0)  # those that CloudFront keeps despite no-store


def test_upload_and_no_other_function_may_invalidate_this_distribution_only():
    policy = RESOURCES["InvalidatePolicy"]["Properties"]
    assert policy["Roles"] == [{"Ref": "UploadRole"}]
    find, invalidate = policy["PolicyDocument"]["Statement"]
    assert invalidate["Action"] == "cloudfront:CreateInvalidation"
    assert invalidate["Resource"]["Fn::Sub"].endswith(":distribution/${Distribution}")
    name = RESOURCES["DistributionParameter"]["Properties"]["Name"]["Fn::Sub"]
    assert find["Resource"]["Fn::Sub"].endswith(f":parameter{name}")
    variable = RESOURCES["UploadFunction"]["Properties"]["Environment"]["Variables"]["EDGE_PARAMETER"]
    assert variable == {"Fn::If": ["HasEdge", {"Fn::Sub": name}, ""]}


def test_the_host_name_leads_to_the_distribution_and_is_in_every_url():
    target = RESOURCES["ApiDnsRecord"]["Properties"]["AliasTarget"]
    condition, edge, _ = target["Fn::If"]
    assert (condition, edge["DNSName"]) == ("HasEdge", {"Fn::GetAtt": ["Distribution", "DomainName"]})
    assert CONFIG["Aliases"] == [{"Ref": "DomainName"}]
    base_url = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]["BASE_URL"]["Fn::If"][2]
    assert base_url == {"Fn::If": ["HasHostName", {"Fn::Sub": "https://${DomainName}"}, ""]}


def test_signed_requests_and_cloudfront_reach_the_api_at_its_own_address():
    rule = TEMPLATE["Rules"]["EdgeCacheNeedsDomainName"]
    assert rule["RuleCondition"] == {"Fn::Equals": [{"Ref": "EdgeCache"}, "Enabled"]}
    described = {item["AssertDescription"]: item["Assert"] for item in rule["Assertions"]}
    enabled = {"Fn::Equals": [{"Ref": "ExecuteApiEndpoint"}, "Enabled"]}
    assert described["EdgeCache needs ExecuteApiEndpoint=Enabled"] == enabled
    assert TEMPLATE["Outputs"]["ApiEndpoint"]["Value"]["Fn::If"][1] == {"Fn::GetAtt": ["Api", "ApiEndpoint"]}
    [api] = [origin for origin in CONFIG["Origins"] if origin["Id"] == "api"]
    assert api["DomainName"] == {"Fn::Sub": "${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}"}


def test_without_edge_cache_the_stack_has_nothing_of_it():
    kinds = ("AWS::CloudFront::", "AWS::SSM::")
    found = [item for item in translated()["Resources"].values() if item["Type"].startswith(kinds)]
    assert len(found) == 5
    assert all(item["Condition"] == "HasEdge" for item in found)
    assert TEMPLATE["Parameters"]["EdgeCache"]["Default"] == "Disabled"


def test_names_that_must_be_unique_in_the_account_fit_with_the_longest_stack_name():
    """They contain the last part of the stack's id, a UUID. A name has at most 64 characters (OriginAccessControl)."""
    for config in (HEADERS, CACHE, RESOURCES["PhotosAccess"]["Properties"]["OriginAccessControlConfig"]):
        text, parts = config["Name"]["Fn::Sub"]
        assert "AWS::StackName" not in json.dumps(config["Name"])
        assert parts == {"Id": {"Fn::Select": [2, {"Fn::Split": ["/", {"Ref": "AWS::StackId"}]}]}}
        assert len(text.replace("${Id}", "0" * 36)) <= 64
