"""Parameters of the template, and what depends on them."""

import re

import pytest

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
        *("Api", "AccessLogs", "ServeFunction", "ServeRole", "ServeLogs", "UploadFunction", "UploadRole", "UploadLogs"),
        *("ImagingLayer", "PhotosBucket", "PhotosBucketPolicy", "RecordsTable", "CallerPolicy", "DropBoxRule"),
        *("IngestQueue", "IngestQueuePolicy", "IngestDeadLetterQueue", "IngestFunction", "IngestRole", "IngestLogs"),
        *("SweepFunction", "SweepRole", "SweepLogs", "IngestDeadLetterQueuePolicy", "SweepErrorsAlarm"),
        *("UploadsTable", "ApiErrorsAlarm", "ServeThrottlesAlarm", "IngestDeadLetterAlarm"),
    }
    assert TEMPLATE["Parameters"]["IdentityProvider"]["Default"] == "None"


def test_functions_run_python_3_13_on_arm64_by_default():
    assert TEMPLATE["Globals"]["Function"]["Runtime"] == "python3.13"
    assert TEMPLATE["Globals"]["Function"]["Architectures"] == [{"Ref": "Architecture"}]
    assert TEMPLATE["Parameters"]["Architecture"]["Default"] == "arm64"
