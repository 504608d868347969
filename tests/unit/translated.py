"""The template as CloudFormation gets it, after SAM has translated it."""

import json
from copy import deepcopy
from functools import cache
from typing import Any

from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from tests.unit.test_template import TEMPLATE


def translated() -> dict[str, Any]:
    """Return a copy of the template, translated with the defaults of its parameters. Conditions stay as they are."""
    template: dict[str, Any] = json.loads(_translated())
    return template


@cache
def _translated() -> str:
    template = deepcopy(TEMPLATE)
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/functions"  # as after `sam deploy` has uploaded the code
    for resource in template["Resources"].values():
        if "ContentUri" in resource["Properties"]:
            resource["Properties"]["ContentUri"] = "s3://bucket/layers"
    defaults = {name: parameter["Default"] for name, parameter in template["Parameters"].items()}
    return json.dumps(Translator({}, Parser()).translate(template, defaults))
