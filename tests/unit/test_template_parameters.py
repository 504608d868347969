"""Parameters of the template, and what depends on them."""

import json
import re

import pytest

from headshot import urls
from tests.unit.template import RESOURCES, TEMPLATE


def test_every_parameter_is_described_has_a_default_and_is_bounded():
    for name, parameter in TEMPLATE["Parameters"].items():
        assert parameter.keys() >= {"Description", "Default"}, name
        assert parameter.keys() & {"AllowedPattern", "AllowedValues", "MinValue"}, name


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://example.okta.com", True),
        ("https://api.pingone.eu/v1/environments/abfba8f6", True),
        ("http://127.0.0.1:4600", True),
        ("http://example.okta.com", False),
        ("http://127.0.0.1.example.com:80", False),
        ("https://example.okta.com/", False),
        ("example.okta.com", False),
    ],
)
def test_credentials_go_over_https_or_stay_on_this_machine(url, allowed):
    for name, path in (("IdentityProviderUrl", ""), ("IdentityProviderTokenUrl", "/token")):
        pattern = TEMPLATE["Parameters"][name]["AllowedPattern"]
        address = url if url.endswith("/") else url + path
        assert bool(re.fullmatch(pattern, address)) is allowed


def test_without_an_identity_provider_the_stack_holds_nothing_of_publish():
    others = {name for name, resource in RESOURCES.items() if "Condition" not in resource}
    assert others == {
        *("Api", "ServeFunction", "ServeRole", "ServeLogs", "UploadFunction", "UploadRole", "UploadLogs"),
        *("ImagingLayer", "PhotosBucket", "PhotosBucketPolicy", "RecordsTable", "DropBoxRule"),
        *("UploadPolicy", "ReadPolicy", "AdministerPolicy"),
        *("IngestQueue", "IngestQueuePolicy", "IngestDeadLetterQueue", "IngestFunction", "IngestRole", "IngestLogs"),
        *("SweepFunction", "SweepRole", "SweepLogs", "IngestDeadLetterQueuePolicy", "SweepMissingAlarm"),
        *("ApiThrottledMetric", "ApiThrottledAlarm", "IngestDelayAlarm", "ConsumerStoppedAlarm"),
        "SweepConsumersPolicy",
        *("UploadsTable", "ApiErrorsAlarm", "ServeThrottlesAlarm", "IngestDeadLetterAlarm"),
        *("FailedRunsQueue", "FailedRunsQueuePolicy", "FailedRunsAlarm"),
    }
    assert TEMPLATE["Parameters"]["IdentityProvider"]["Default"] == "None"


def test_functions_run_python_3_13_on_arm64_by_default():
    assert TEMPLATE["Globals"]["Function"]["Runtime"] == "python3.13"
    assert TEMPLATE["Globals"]["Function"]["Architectures"] == [{"Ref": "Architecture"}]
    assert TEMPLATE["Parameters"]["Architecture"]["Default"] == "arm64"


def test_reads_reserve_concurrency_only_if_the_stack_says_so():
    """Zero would keep the function from running at all."""
    reserved = RESOURCES["ServeFunction"]["Properties"]["ReservedConcurrentExecutions"]
    assert reserved == {"Fn::If": ["HasServeConcurrency", {"Ref": "ServeConcurrency"}, {"Ref": "AWS::NoValue"}]}
    assert TEMPLATE["Parameters"]["ServeConcurrency"]["Default"] == 0


def test_functions_and_the_output_agree_on_the_base_url():
    """BASE_URL may be empty: functions behind the API read its address from requests, the others from API_ENDPOINT."""
    base_url = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]["BASE_URL"]
    own = {"Fn::GetAtt": ["Api", "ApiEndpoint"]}
    with_own = json.loads(json.dumps(base_url).replace('""', json.dumps(own)))
    assert with_own != base_url
    assert TEMPLATE["Outputs"]["BaseUrl"]["Value"] == with_own
    for name in ("IngestFunction", "PublishFunction", "ReconcileFunction", "CanaryFunction"):
        assert RESOURCES[name]["Properties"]["Environment"]["Variables"]["API_ENDPOINT"] == own


@pytest.mark.parametrize(
    ("base_url", "expected"), [("https://photos.example.com", "https://photos.example.com"), ("", "https://own")]
)
def test_the_base_url_is_the_address_of_the_api_unless_the_stack_sets_one(monkeypatch, base_url, expected):
    monkeypatch.setenv("BASE_URL", base_url)
    monkeypatch.setenv("API_ENDPOINT", "https://own")
    assert urls.base_url() == expected
