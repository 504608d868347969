import base64
import io
import json
from datetime import UTC, datetime
from http import HTTPStatus

import pytest
from aws_lambda_powertools import Logger

from headshot import urls
from headshot.http import Request, Response, Route, dispatch
from headshot.problems import ImageProblem, MethodNotAllowed, NotFound, StoreUnavailable

LOGGER = Logger(service="test")


def event(route_key="GET /x", **more):
    context = {"http": {"method": "GET"}, "domainName": "api.example.com"} | more.pop("requestContext", {})
    return {
        "routeKey": route_key,
        "rawPath": "/x",
        "headers": {"If-None-Match": '"a"'},
        "requestContext": context,
        **more,
    }


def test_a_request_is_read_from_payload_format_2():
    identity = {"authorizer": {"iam": {"userArn": "arn:aws:iam::123456789012:role/uploader"}}}
    context = event()["requestContext"] | identity
    body = base64.b64encode(b"\xff\xd8").decode()
    request = Request.of(
        event(body=body, isBase64Encoded=True, pathParameters={"user_id": "ada"}, requestContext=context)
    )
    assert request.method == "GET"
    assert request.headers == {"if-none-match": '"a"'}
    assert request.parameters == {"user_id": "ada"}
    assert request.body == b"\xff\xd8"
    assert request.origin == "https://api.example.com"
    assert request.principal == "arn:aws:iam::123456789012:role/uploader"


@pytest.mark.parametrize("host", ["127.0.0.1:3000", "evil.example.com"])
def test_the_host_header_sets_the_origin_only_under_sam_local(monkeypatch, host):
    sent = event(headers={"Host": host, "X-Forwarded-Proto": "http"})
    assert Request.of(sent).origin == "https://api.example.com"
    monkeypatch.setenv("AWS_SAM_LOCAL", "true")
    assert Request.of(sent).origin == f"http://{host}"
    assert Request.of(event(headers={"Host": host})).origin == f"https://{host}"


def test_a_text_body_is_encoded_and_a_missing_one_is_empty():
    assert Request.of(event(body="ż", isBase64Encoded=False)).body == "ż".encode()
    assert Request.of(event()).body == b""
    assert Request.of(event()).principal == ""


@pytest.mark.parametrize(
    ("condition", "matches"),
    [
        ('"v"', True),
        ('W/"v"', True),
        ('"x", "v"', True),
        ('"x",W/"v" ,"y"', True),
        ("*", True),
        (" * ", True),
        ("", False),
        ('"x"', False),
        ("v", False),
        ('"x, v"', False),
        ('"V"', False),
        ('"*"', False),
        ('"', False),
    ],
)
def test_if_none_match_is_compared_weakly_and_item_by_item(condition, matches):
    request = Request.of(event(headers={"if-none-match": condition}))
    assert request.matches('"v"') is matches


def test_without_a_condition_nothing_matches():
    assert Request.of(event(headers={})).matches('"v"') is False


STORED = datetime(1994, 11, 6, 8, 49, 37, 900_000, tzinfo=UTC)
SAME, BEFORE, LATER = (f"Sun, 06 Nov 1994 08:49:{second} GMT" for second in (37, 36, 38))


@pytest.mark.parametrize(
    ("headers", "current"),
    [
        ({"if-modified-since": SAME}, True),
        ({"if-modified-since": LATER}, True),
        ({"if-modified-since": BEFORE}, False),
        ({"if-modified-since": "Sunday, 06-Nov-94 08:49:37 GMT"}, True),
        ({"if-modified-since": "Sun Nov  6 08:49:37 1994"}, True),
        ({"if-modified-since": "Sun Nov  6 08:49:36 1994"}, False),
        ({"if-modified-since": ""}, False),
        ({"if-modified-since": "2999-01-01T00:00:00Z"}, False),
        ({"if-modified-since": "9999999999"}, False),
        ({"if-modified-since": "Sun, 06 Nov 2094 08:49:37 +0100"}, False),
        ({"if-modified-since": f"{LATER}, {LATER}"}, False),
        ({"if-modified-since": "Sun, 31 Feb 2094 08:49:37 GMT"}, False),
        ({"if-modified-since": LATER, "if-none-match": '"x"'}, False),
        ({"if-modified-since": LATER, "if-none-match": ""}, False),
        ({"if-modified-since": BEFORE, "if-none-match": '"v"'}, True),
        ({}, False),
    ],
)
def test_if_modified_since_counts_only_alone_and_as_an_http_date(headers, current):
    for method in ("GET", "HEAD"):
        request = Request.of(event(headers=headers, requestContext={"http": {"method": method}}))
        assert request.is_current('"v"', STORED) is current
        if "if-none-match" not in headers:
            assert request.is_current('"v"', None) is False


def test_if_modified_since_is_for_get_and_head_only():
    request = Request.of(event(headers={"if-modified-since": LATER}, requestContext={"http": {"method": "PUT"}}))
    assert request.is_current('"v"', STORED) is False


def test_bytes_are_sent_as_base64_and_text_unchanged():
    binary = Response(HTTPStatus.OK, {"Content-Type": "image/jpeg"}, b"\xff\xd8").to_event()
    assert (binary["isBase64Encoded"], base64.b64decode(binary["body"])) == (True, b"\xff\xd8")
    text = Response.of_json(HTTPStatus.CREATED, {"a": "ż"}, Location="/a").to_event()
    assert (text["isBase64Encoded"], json.loads(text["body"])) == (False, {"a": "ż"})
    assert text["headers"]["Location"] == "/a"


@pytest.mark.parametrize(
    ("problem", "status", "header"),
    [
        (NotFound(), 404, {}),
        (MethodNotAllowed("GET, HEAD"), 405, {"Allow": "GET, HEAD"}),
        (ImageProblem("unsupported-format", "Save it as JPEG."), 415, {}),
        (StoreUnavailable(), 503, {"Retry-After": "5"}),
    ],
)
def test_a_problem_becomes_a_problem_document(problem, status, header):
    def route(_request):
        raise problem

    given = dispatch(event(), {"GET /x": Route(route, public=True)}, LOGGER)
    document = json.loads(given["body"])
    assert given["statusCode"] == document["status"] == status
    assert given["headers"]["Content-Type"] == "application/problem+json"
    assert given["headers"]["Cache-Control"] == "no-store"
    assert given["headers"].items() >= header.items()
    assert (document["code"], document["detail"]) == (problem.code, problem.detail)
    assert document["title"] == HTTPStatus(status).phrase


def test_an_unknown_route_is_not_found():
    assert dispatch(event("GET /y"), {}, LOGGER)["statusCode"] == 404


def test_an_unexpected_error_is_not_turned_into_an_answer():
    def route(_request):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        dispatch(event(), {"GET /x": Route(route, public=True)}, LOGGER)


def signed(arn):
    return {"http": {"method": "GET"}, "authorizer": {"iam": {"userArn": arn}}}


@pytest.mark.parametrize(
    "context",
    [
        {"http": {"method": "GET"}},
        {"http": {"method": "GET"}, "authorizer": {}},
        {"http": {"method": "GET"}, "authorizer": {"jwt": {"claims": {"sub": "ada"}}}},
        signed(None),
        signed(""),
    ],
)
def test_only_a_public_route_answers_callers_that_iam_has_not_identified(context):
    called = []

    def route(request):
        called.append(request.principal)
        return Response(HTTPStatus.OK)

    rejected = dispatch(event(requestContext=context), {"GET /x": Route(route)}, LOGGER)
    assert (rejected["statusCode"], json.loads(rejected["body"])["code"], called) == (403, "forbidden", [])
    assert dispatch(event(requestContext=context), {"GET /x": Route(route, public=True)}, LOGGER)["statusCode"] == 200
    assert (
        dispatch(event(requestContext=signed("arn:aws:iam::1:user/a")), {"GET /x": Route(route)}, LOGGER)["statusCode"]
        == 200
    )
    assert called == ["", "arn:aws:iam::1:user/a"]


@pytest.mark.parametrize(("value", "status"), [("true", 200), ("false", 403), ("", 403)])
def test_only_sam_local_may_call_without_a_principal(monkeypatch, value, status):
    monkeypatch.setenv("AWS_SAM_LOCAL", value)
    routes = {"GET /x": Route(lambda request: Response(HTTPStatus.OK, body=request.principal))}
    given = dispatch(event(), routes, LOGGER)
    assert given["statusCode"] == status
    if status == 200:
        assert given["body"] == "sam local"


@pytest.mark.parametrize(("problem", "level"), [(NotFound(), "INFO"), (StoreUnavailable(), "ERROR")])
def test_every_problem_is_logged_with_its_code_the_caller_and_the_user(problem, level):
    def route(_request):
        raise problem

    stream = io.StringIO()
    logger = Logger(service=f"rejecting-{level}", stream=stream)  # Powertools keeps loggers by their names
    identified = event(requestContext=signed("arn:aws:iam::1:user/a"), pathParameters={"user_id": "ada"})
    dispatch(identified, {"GET /x": Route(route)}, logger)
    [line] = map(json.loads, stream.getvalue().splitlines())
    assert (line["level"], line["code"], line["status"]) == (level, problem.code, problem.status)
    assert (line["principal"], line["user_id"], line["route_key"]) == ("arn:aws:iam::1:user/a", "ada", "GET /x")


def test_an_invalid_user_id_is_not_logged():
    stream = io.StringIO()
    logger = Logger(service="invalid", stream=stream)

    def route(request):
        raise AssertionError(urls.parse_user_id(request.parameters["user_id"]))

    dispatch(event(pathParameters={"user_id": "a b"}), {"GET /x": Route(route, public=True)}, logger)
    [line] = map(json.loads, stream.getvalue().splitlines())
    assert line["code"] == "invalid-user-id"
    assert "user_id" not in line
