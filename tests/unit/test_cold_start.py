"""What a function must not import, since each cold start would pay for it. docs/cold-start.md has the figures."""

import json
import os
import subprocess
import sys

import pytest

from local.stack import PROJECT

IMPORTED = "import importlib, json, sys; importlib.import_module(sys.argv[1]); print(json.dumps(sorted(sys.modules)))"
VARIABLES = [
    *("PHOTOS_BUCKET", "RECORDS_TABLE", "UPLOADS_TABLE", "INGEST_QUEUE", "INGEST_DEAD_LETTER_QUEUE", "PUBLISH_QUEUE"),
    *("PUBLISH_DEAD_LETTER_QUEUE", "CONSUMERS", "IDENTITY_PROVIDER_SECRET", "IDENTITY_PROVIDER_URL", "ERASED_PHOTO"),
    *("IDENTITY_PROVIDER_TOKEN_URL", "IDENTITY_PROVIDER_ATTRIBUTE", "STACK_NAME", "BASE_URL", "API_ENDPOINT"),
]


def imported(function):
    """Return the names of all modules that a function has loaded when its handler is ready."""
    settings = dict.fromkeys(VARIABLES, "https://example.com") | {"IDENTITY_PROVIDER": "Okta"}
    environment = os.environ | settings | {"PYTHONPATH": str(PROJECT / "functions")}
    command = [sys.executable, "-c", IMPORTED, f"{function}.handler"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


def test_serve_loads_neither_boto3_nor_what_reads_the_models_of_services():
    loaded = imported("serve")
    heavy = {"boto3", "s3transfer", "botocore.session", "botocore.client", "botocore.loaders", "botocore.model"}
    assert not loaded & heavy
    assert "aws_lambda_powertools.utilities.data_classes" not in loaded
    assert {"botocore.auth", "urllib3"} <= loaded


@pytest.mark.parametrize("function", ["upload", "ingest", "relay", "publish", "reconcile", "sweep"])
def test_no_function_loads_boto3_itself(function):
    """botocore, below it, has all that the stores call."""
    assert not imported(function) & {"boto3", "s3transfer"}


def test_publish_loads_what_signs_only_for_a_signature():
    """Whoever signs in with a token or a client secret needs no library for it."""
    assert "jwt" not in imported("publish")
