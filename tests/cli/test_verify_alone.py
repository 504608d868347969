"""The parts of `headshot verify` that the local stack cannot show, and the table that it shares with docs/."""

import re
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from samcli.yamlhelper import yaml_parse

from headshot_cli.verifying import settings, verify
from headshot_cli.verifying.access import SIGNED_ROUTES
from headshot_cli.verifying.check import Check
from headshot_cli.verifying.checks import CHECKS
from headshot_cli.verifying.probe import Failed, NotTried
from local.stack import PROJECT

SECURE = "https://s3.eu-central-1.amazonaws.com"


def denied(message):
    return ClientError({"Error": {"Code": "AccessDenied", "Message": message}}, "GetObject")


class Bucket:
    """A fake of S3's answers over plain HTTP."""

    def __init__(self, answer=None):
        self._answer, self.asked = answer, {}
        self.meta = SimpleNamespace(endpoint_url=SECURE)

    def get_object(self, **asked):
        self.asked = asked
        if isinstance(self._answer, Exception):
            raise self._answer


def probe(bucket=None) -> Any:
    """Return a probe with a photo, and a stack with a bucket."""
    stack = SimpleNamespace(client=lambda _service: bucket, output=lambda _name: "photos")
    photo = {"user_id": "ada", "version": "0" * 32}
    return SimpleNamespace(stack=stack, photo=photo, check_interrupted=lambda: None, fill_in=lambda command: command)


@pytest.fixture
def ask(monkeypatch):
    """Run the check while S3 answers as given."""

    def asked(answer):
        bucket = Bucket(answer)
        made = Mock(return_value=bucket)
        monkeypatch.setattr(boto3, "client", made)
        try:
            return settings.plain_http(probe(bucket))
        finally:
            assert made.call_args.kwargs["endpoint_url"] == SECURE.replace("https", "http")
            assert bucket.asked == {"Bucket": "photos", "Key": f"photos/ada/{'0' * 32}.jpg"}

    return asked


def test_only_an_explicit_deny_shows_that_the_bucket_rejects_plain_http(ask):
    assert "explicit deny" in ask(denied("not authorized, with an explicit deny in a resource-based policy"))
    with pytest.raises(NotTried, match="Only a caller with s3:GetObject sees"):
        ask(denied("not authorized, because no identity-based policy allows the s3:GetObject action"))
    with pytest.raises(NotTried, match="Port 80 cannot be reached"):
        ask(ConnectTimeoutError(endpoint_url=SECURE))
    for answer in (None, ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")):
        with pytest.raises(Failed, match="The bucket answers over plain HTTP"):
            ask(answer)


def raises(error):
    def run(_probe):
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (denied("no"), "by hand"),
        (ClientError({"Error": {"Code": "AccessDeniedException"}}, "DescribeContinuousBackups"), "by hand"),
        (ClientError({"Error": {"Code": "TableNotFoundException"}}, "DescribeContinuousBackups"), "failed"),
        (ConnectTimeoutError(endpoint_url=SECURE), "failed"),
        (Failed("not so"), "failed"),
        (NotTried("not here"), "by hand"),
    ],
)
def test_an_exception_in_a_check_becomes_its_result(error, result):
    [row] = verify(probe(), [Check("tried", "It works", "try it", raises(error))])
    assert (row.result, row.detail, row.command) == (result, str(error), "try it")


def test_every_signed_route_of_the_template_is_tried_unsigned():
    resources = yaml_parse((PROJECT / "template.yaml").read_text())["Resources"].values()
    events = [event for item in resources for event in item["Properties"].get("Events", {}).values()]
    routes = [event["Properties"] for event in events if event["Type"] == "HttpApi"]
    signed = [route for route in routes if route.get("Auth") != {"Authorizer": "NONE"}]
    declared = {(event["Method"], re.sub(r"{\w+}", "{}", event["Path"])) for event in signed}
    assert set(SIGNED_ROUTES) == declared


def test_the_command_and_the_page_have_the_same_rows():
    page = (PROJECT / "docs/not-yet-verified.md").read_text()
    rows = re.findall(r"^\| `[a-z-]+` \|.*$", page, re.MULTILINE)
    for check in CHECKS:
        who = "" if check.run else "by hand: "
        assert f"| `{check.name}` | {check.what} | {who}`{escaped(check.command)}` |" in rows
    assert len(rows) == len(CHECKS) == len({check.name for check in CHECKS})


def escaped(command):
    """Escape bars, which would end the table's cell."""
    return command.replace("|", r"\|")
