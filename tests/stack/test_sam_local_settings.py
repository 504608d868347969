"""The settings that `make run` writes for `sam local`, read by SAM CLI's own code."""

import json
import tomllib
from pathlib import Path

import pytest
from samcli.cli.types import CfnParameterOverridesType
from samcli.lib.providers.sam_function_provider import SamFunctionProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider

from local import sam_local
from local.stack import PROJECT

# SAM CLI 1.167 calls functions that its libraries have deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def test_sam_local_gets_the_stack_and_this_machines_architecture(rig):
    sam_local.write_settings(rig.emulator)
    config = tomllib.loads((rig.emulator.home / "sam-local.toml").read_text())["default"]
    assert config["local_invoke"] == config["local_start_api"]
    options = config["local_invoke"]["parameters"]
    given = json.loads(Path(options["env_vars"]).read_text())
    parameters = CfnParameterOverridesType().convert(options["parameter_overrides"], None, None)
    stacks, _ = SamLocalStackProvider.get_stacks(str(PROJECT / "template.yaml"), parameter_overrides=parameters)
    functions = list(SamFunctionProvider(stacks).get_all())
    assert len(functions) == 8
    for function in functions:
        assert function.architectures == [sam_local.architecture()]
        missing = function.environment["Variables"].keys() - given["Parameters"].keys()
        # Without BASE_URL, upload takes its address from each request; the others use API_ENDPOINT.
        # The template's defaults of the rest suit the fake Okta.
        defaults = {
            "EDGE_PARAMETER",
            "ERASED_PHOTO",
            "LOG_RETENTION_DAYS",
            "IDENTITY_PROVIDER_TOKEN_URL",
            "IDENTITY_PROVIDER_ATTRIBUTE",
            "POWERTOOLS_LOG_LEVEL",
            "UNVERSIONED_URLS",
        }
        assert missing <= {"BASE_URL", *defaults}
