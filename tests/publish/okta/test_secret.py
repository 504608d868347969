"""The secret can be rotated at any time, and appears nowhere else."""

import json

import pytest

from local import portrait, stack
from tests.awaiting import eventually
from tests.publish.watching import dead_letters, headshot, published, status

ADA = portrait.jpeg("Ada Lovelace", (300, 400))


def test_a_rotated_secret_takes_effect_without_a_deployment(rig, publishing, system, uploader, okta_user):
    ada = okta_user("ada-rotated")
    secrets = rig.client("secretsmanager")
    [name] = [secret["Name"] for secret in secrets.list_secrets()["SecretList"] if "okta" in secret["Name"]][-1:]
    system.fake._authorized = lambda header: header == "SSWS rotated"
    url = uploader.upload("ada-rotated", ADA).json()["url"]
    eventually(lambda: status(uploader, "ada-rotated") == "retrying")
    assert "Check the credentials in the secret." in published(uploader, "ada-rotated")["error"]

    secrets.put_secret_value(SecretId=name, SecretString='{"api_token": "rot\\nated"}')
    printed = headshot(publishing, "reconcile", expected=1)
    malformed = 'The secret\'s "api_token" contains a line break'
    assert malformed in printed
    assert malformed in published(uploader, "ada-rotated")["error"]
    assert dead_letters(publishing) == []

    secrets.put_secret_value(SecretId=name, SecretString='{"api_token": "rotated\\n"}')
    headshot(publishing, "reconcile")
    assert system.fake.photo_url(ada) == url
    assert status(uploader, "ada-rotated") == "published"


@pytest.mark.usefixtures("publishing")
def test_no_secret_is_in_the_template_the_environment_or_the_logs(rig):
    """Among the logs are those of the test above, with wrong secrets."""
    functions = rig.client("lambda").list_functions()["Functions"]
    template = rig.client("cloudformation").get_template(StackName=stack.STACK)["TemplateBody"]
    logs = rig.client("logs")
    lines = [
        event["message"]
        for group in logs.describe_log_groups()["logGroups"]
        for event in logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
    ]
    assert any('"IdentityProviderRefused"' in line for line in lines), "no metric, so the alarm would not fire"
    for text in (json.dumps(functions), json.dumps(template), *lines):
        assert "SSWS" not in text
        assert "rotated" not in text.replace("ada-rotated", "")
