"""The OpenAPI document from which API Gateway creates the routes. FailOnWarnings makes any flaw fail the deploy."""

import importlib
from copy import deepcopy

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator

from tests.unit.template import FUNCTIONS, RESOURCES, TEMPLATE
from tests.unit.translated import translate, translated

METHODS = {"get", "head", "put", "post", "delete", "patch", "options", "trace", "x-amazon-apigateway-any-method"}


def routes(paths):
    return {(path, method) for path, operations in paths.items() for method in operations}


@pytest.fixture
def body():
    """Return the body, with references replaced by strings as CloudFormation does."""
    body = translated()["Resources"]["Api"]["Properties"]["Body"]
    body["info"]["title"] = "headshot"
    return body


def test_the_api_definition_is_valid_openapi(body):
    assert [error.message for error in OpenAPIV30SpecValidator(body).iter_errors()] == []


def test_every_path_parameter_is_declared_once_as_a_required_string(body):
    for path, method in routes(body["paths"]):
        named = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        parameters = body["paths"][path][method].get("parameters", [])
        wanted = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in named]
        assert parameters == wanted, f"{method} {path}"


def test_the_definition_and_the_functions_events_name_the_same_routes():
    defined = RESOURCES["Api"]["Properties"]["DefinitionBody"]["paths"]
    events = [
        event["Properties"]
        for function in FUNCTIONS.values()
        for event in function["Properties"].get("Events", {}).values()
        if event["Type"] == "HttpApi"
    ]
    assert all(event["ApiId"] == {"Ref": "Api"} for event in events)
    assert routes(defined) == {
        (event["Path"], event["Method"].lower()) if "Path" in event else ("/$default", "x-amazon-apigateway-any-method")
        for event in events
    }


def test_every_route_has_an_integration_and_only_reading_is_public(body):
    for path, method in routes(body["paths"]):
        assert method in METHODS
        operation = body["paths"][path][method]
        assert operation["x-amazon-apigateway-integration"]["type"] == "aws_proxy"
        public = path.startswith("/photos/") or path in ("/health", "/$default")
        assert operation["security"] == [{"NONE" if public else "AWS_IAM": []}], f"{method} {path}"
    assert body["paths"]["/$default"]["x-amazon-apigateway-any-method"]["isDefaultRoute"] is True


@pytest.mark.parametrize("function", ["serve", "upload"])
def test_every_route_of_a_function_is_known_to_its_handler(function, monkeypatch):
    """The handler and API Gateway agree on which routes are public."""
    monkeypatch.setenv("PHOTOS_BUCKET", "bucket")
    monkeypatch.setenv("RECORDS_TABLE", "table")
    monkeypatch.setenv("UPLOADS_TABLE", "table")
    handler = importlib.import_module(f"{function}.handler")
    events = RESOURCES[f"{function.capitalize()}Function"]["Properties"]["Events"].values()
    declared = {
        f"{event['Method']} {event['Path']}" if "Path" in event else "$default": event.get("Auth")
        == {"Authorizer": "NONE"}
        for event in (event["Properties"] for event in events)
    }
    assert {key: route.public for key, route in handler.ROUTES.items()} == declared


def test_a_route_whose_event_names_no_authorizer_needs_a_signature():
    template = deepcopy(TEMPLATE)
    event = template["Resources"]["ServeFunction"]["Properties"]["Events"]["GetCurrent"]
    assert event["Properties"].pop("Auth") == {"Authorizer": "NONE"}
    paths = translate(template)["Resources"]["Api"]["Properties"]["Body"]["paths"]
    assert paths["/photos/{file}"]["get"]["security"] == [{"AWS_IAM": []}]
    assert paths["/photos/{file}"]["head"]["security"] == [{"NONE": []}]


def test_a_warning_of_api_gateway_fails_the_deploy():
    assert translated()["Resources"]["Api"]["Properties"]["FailOnWarnings"] is True


def test_every_route_is_throttled():
    settings = translated()["Resources"]["ApiApiGatewayDefaultStage"]["Properties"]["DefaultRouteSettings"]
    assert settings == {
        "ThrottlingRateLimit": {"Ref": "ThrottleRate"},
        "ThrottlingBurstLimit": {"Ref": "ThrottleBurst"},
    }


def test_every_public_route_but_the_default_can_have_limits_of_its_own(body):
    settings = translated()["Resources"]["ApiApiGatewayDefaultStage"]["Properties"]["RouteSettings"]
    condition, limits, otherwise = settings["Fn::If"]
    assert (condition, otherwise) == ("HasPublicThrottle", {"Ref": "AWS::NoValue"})
    public = {
        f"{method.upper()} {path}"
        for path, method in routes(body["paths"])
        if body["paths"][path][method]["security"] == [{"NONE": []}] and path != "/$default"
    }
    own = {
        "ThrottlingRateLimit": {"Ref": "PublicThrottleRate"},
        "ThrottlingBurstLimit": {"Ref": "PublicThrottleBurst"},
    }
    assert limits == dict.fromkeys(public, own)


def test_the_own_address_of_the_api_is_closed_only_if_the_stack_says_so(body):
    [server] = body["servers"]
    closed = server["x-amazon-apigateway-endpoint-configuration"]["disableExecuteApiEndpoint"]
    assert closed == {"Fn::If": ["HasExecuteApiEndpoint", False, True]}


def test_signed_requests_go_to_an_address_that_is_open():
    own, domain = {"Fn::GetAtt": ["Api", "ApiEndpoint"]}, {"Fn::Sub": "https://${DomainName}"}
    endpoint = TEMPLATE["Outputs"]["ApiEndpoint"]["Value"]
    assert endpoint == {"Fn::If": ["HasExecuteApiEndpoint", own, domain]}
    [assertion] = TEMPLATE["Rules"]["DisabledEndpointNeedsDomainName"]["Assertions"]
    assert assertion["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "DomainName"}, ""]}]}


def test_every_request_is_logged_with_its_caller():
    settings = RESOURCES["Api"]["Properties"]["AccessLogSettings"]
    assert settings["DestinationArn"]["Fn::If"][:2] == ["OwnsAccessLogs", {"Fn::GetAtt": ["AccessLogs", "Arn"]}]
    for field in ("requestId", "identity.sourceIp", "identity.userArn", "routeKey", "path", "status"):
        assert f'"$context.{field}"' in settings["Format"]
