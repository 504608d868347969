"""Reading a secret, valid or not."""

import base64
import json
import traceback

import boto3
import pytest
from botocore.stub import Stubber

from headshot.identity.errors import ConfigurationError, TransientError
from headshot.identity.settings import Secret
from headshot.stores.secrets import SecretStore

PEM = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n"


@pytest.fixture
def stored():
    client = boto3.client("secretsmanager", region_name="eu-central-1")
    with Stubber(client) as stub:
        yield stub, SecretStore("headshot/okta", client)


@pytest.mark.parametrize("kind", ["SecretString", "SecretBinary"])
def test_a_secret_may_be_text_or_binary(stored, kind):
    stub, store = stored
    text = '{"api_token": "known"}'
    value = {"Name": "headshot/okta", kind: text if kind == "SecretString" else text.encode()}
    stub.add_response("get_secret_value", value, {"SecretId": "headshot/okta"})
    assert store.read()["api_token"] == "known"


@pytest.mark.parametrize("value", ["known\n", "  known", "known\r\n", "\tknown\u00a0", "known\u2028"])
def test_white_space_around_a_field_is_removed(value):
    assert Secret.parse(json.dumps({"api_token": value}))["api_token"] == "known"


def test_a_key_keeps_its_lines():
    assert Secret.parse(json.dumps({"private_key": PEM}))["private_key"] == PEM.strip()


@pytest.mark.parametrize("name", ["api_token", "api_key", "client_id", "client_secret", "key_id", "private_key"])
@pytest.mark.parametrize("value", ["kno\x00wn", "known\u201d", "kn\u00f6wn", "kn\x7fown", "kn\x1bown"])
def test_a_field_with_characters_that_no_header_can_carry_is_named_but_not_shown(name, value):
    secret = Secret.parse(json.dumps({name: value}))
    with pytest.raises(ConfigurationError, match=f'The secret\'s "{name}" contains') as rejected:
        secret[name]
    assert_nothing_shown(rejected.value, secret, value)


@pytest.mark.parametrize("value", ["SSWS kno\nwn", "kno\r\nX-Header: wn"])
def test_a_line_break_within_a_token_is_rejected(value):
    with pytest.raises(ConfigurationError, match="line break"):
        Secret.parse(json.dumps({"api_token": value}))["api_token"]


@pytest.mark.parametrize("value", [None, 7, "", "  ", [], {}])
def test_a_field_that_is_not_text_is_missing(value):
    with pytest.raises(ConfigurationError, match='has no text field "api_token"'):
        Secret.parse(json.dumps({"api_token": value}))["api_token"]


@pytest.mark.parametrize("text", ["known", '"known"', "[]", "7", "null", "", b"\xff\xfeknown", "[" * 100_000])
def test_a_secret_that_is_not_a_json_object_is_rejected_but_not_shown(text):
    with pytest.raises(ConfigurationError, match="not a JSON object") as rejected:
        Secret.parse(text)
    assert_nothing_shown(rejected.value, "", "known")


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException", "DecryptionFailure"])
def test_a_secret_that_cannot_be_read_is_named_with_the_reason(stored, code):
    stub, store = stored
    stub.add_client_error("get_secret_value", code)
    with pytest.raises(ConfigurationError, match=f'"headshot/okta" cannot be read \\({code}\\)'):
        store.read()


@pytest.mark.parametrize("code", ["InternalServiceError", "ThrottlingException"])
def test_an_outage_of_secrets_manager_is_transient(stored, code):
    stub, store = stored
    stub.add_client_error("get_secret_value", code, http_status_code=500)
    with pytest.raises(TransientError, match=f"AWS Secrets Manager .*{code}"):
        store.read()


def assert_nothing_shown(error, secret, value):
    shown = "".join(traceback.format_exception(error)) + repr(secret)
    assert value not in shown
    assert base64.b64encode(value.encode()).decode() not in shown
