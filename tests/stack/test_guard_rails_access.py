"""A stack with the settings that companies demand, deployed and used as they would: at its own host name only."""

import json
import sys
from collections.abc import Iterator

import boto3
import pytest

from headshot_cli.__main__ import main
from headshot_cli.stack import Stack
from local import portrait, stack
from local.emulator import Emulator
from tests.stack.conftest import Caller, Rig, Signature, assume_role, free_port
from tests.stack.deploying import deploy

DOMAIN = "photos.localhost"  # resolves to this machine

# What differs from the defaults. The addresses of photos are set below, because they have a port.
PARAMETERS = {
    "DomainName": DOMAIN,
    "CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/12345678-1234-1234-1234-123456789012",
    "ExecuteApiEndpoint": "Disabled",
    "UnversionedUrls": "Disabled",
    "AccessLogBucket": "access-logs-of-the-company",
    "AuditLogGroup": "/aws/vendedlogs/audit",
    "ServeConcurrency": "20",
    "PublicThrottleRate": "500",
    "PublicThrottleBurst": "1000",
}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A stack of its own: changing the address of the shared one would change its photos' URLs."""
    emulator = Emulator(free_port(), tmp_path_factory.mktemp("guarded"))
    with emulator.running() as process:
        stack.client(emulator, "s3").create_bucket(Bucket=PARAMETERS["AccessLogBucket"])
        stack.client(emulator, "logs").create_log_group(logGroupName=PARAMETERS["AuditLogGroup"])
        deploy(emulator, PARAMETERS | {"BaseUrl": f"http://{DOMAIN}:{emulator.port}"})
        yield Rig(emulator, stack.outputs(emulator), process.pid)


@pytest.fixture(scope="module")
def site(guarded: Rig) -> str:
    """The address that is open. The emulator speaks plain HTTP, and its port is not 443."""
    return f"http://{DOMAIN}:{guarded.emulator.port}"


@pytest.fixture(scope="module")
def caller(guarded: Rig, site: str) -> Caller:
    """A caller with the policy for administrators, who signs for the host name."""
    credentials = assume_role(guarded, "caller")
    guarded.client("iam").attach_role_policy(RoleName="caller", PolicyArn=guarded.outputs["AdministerPolicyArn"])
    return Caller(site, Signature(credentials))


@pytest.fixture(scope="module")
def photo(caller: Caller):
    """Ada's record."""
    return caller.upload("ada@example.com", portrait.jpeg("Ada Lovelace", (300, 400))).json()


@pytest.fixture
def stranger(site: str) -> Caller:
    return Caller(site)


def test_a_photo_is_uploaded_and_served_at_the_host_name(photo, site, stranger):
    assert photo["url"].startswith(f"{site}/photos/ada@example.com/")
    head, get = stranger.head(photo["url"]), stranger.get(photo["url"])
    assert (head.status_code, get.status_code, get.headers["Content-Type"]) == (200, 200, "image/jpeg")


def test_the_own_address_of_the_api_is_closed(guarded, photo, site, caller):
    assert guarded.outputs["ApiEndpoint"] == f"https://{DOMAIN}"
    path = photo["url"].removeprefix(site)
    assert Caller(guarded.url).get(path).status_code == 404
    assert Caller(guarded.url, caller.auth).record("ada@example.com").status_code == 404
    assert caller.record("ada@example.com").json()["version"] == photo["version"]


@pytest.fixture
def headshot(guarded, site, monkeypatch, capsys):
    """Run the command, and return its exit code and its output."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    monkeypatch.setattr(Stack, "_outputs", guarded.outputs | {"ApiEndpoint": site})
    for name, value in guarded.emulator.environment.items():
        monkeypatch.setenv(name, value)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["headshot", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code or 0, capsys.readouterr().out

    return run


def test_the_command_signs_for_the_host_name(headshot, photo):
    code, shown = headshot("show", "ada@example.com")
    assert (code, photo["url"] in shown) == (0, True)


def test_the_checks_of_a_stack_know_that_unversioned_urls_may_be_off(headshot):
    code, shown = headshot("verify", "same-not-found", "unsigned", "wrong-signature", "erase")
    assert code == 0, shown


def test_a_guess_gets_the_same_answer_whether_the_user_has_a_photo_or_not(photo, stranger):
    answers = [stranger.get(f"/photos/{user_id}.jpg") for user_id in (photo["user_id"], "nobody@example.com")]
    assert {answer.status_code for answer in answers} == {404}
    assert answers[0].content == answers[1].content
    assert answers[0].json()["code"] == "version-required"
    assert stranger.head(f"/photos/{photo['user_id']}.jpg").status_code == 404


def test_the_neutral_picture_keeps_its_address(stranger):
    """Profiles of erased people and the canary use it."""
    for answer in (stranger.head("/photos/_default.jpg"), stranger.get("/photos/_default.jpg")):
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")


def test_the_access_log_goes_to_the_group_of_the_organisation_and_is_watched_there(guarded):
    gateway = guarded.client("apigatewayv2")
    [api] = gateway.get_apis()["Items"]
    [stage] = gateway.get_stages(ApiId=api["ApiId"])["Items"]
    assert stage["AccessLogSettings"]["DestinationArn"].endswith(f":log-group:{PARAMETERS['AuditLogGroup']}")
    filters = guarded.client("logs").describe_metric_filters()["metricFilters"]
    assert [found["logGroupName"] for found in filters] == [PARAMETERS["AuditLogGroup"]]
    groups = guarded.client("logs").describe_log_groups(logGroupNamePrefix="/aws/vendedlogs/")["logGroups"]
    assert [group["logGroupName"] for group in groups] == [PARAMETERS["AuditLogGroup"]]


def test_the_deployed_template_has_what_the_emulator_ignores(guarded):
    """MiniStack 1.5 takes neither the bucket's log nor reserved concurrency from a template, and throttles nothing."""
    found = guarded.client("cloudformation").get_template(StackName=stack.STACK, TemplateStage="Processed")
    body = found["TemplateBody"]
    resources = (json.loads(body) if isinstance(body, str) else body)["Resources"]
    assert "LoggingConfiguration" in resources["PhotosBucket"]["Properties"]
    assert "ReservedConcurrentExecutions" in resources["ServeFunction"]["Properties"]
    assert "RouteSettings" in resources["ApiApiGatewayDefaultStage"]["Properties"]
