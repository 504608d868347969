"""The template as CloudFormation receives it, after SAM has translated it."""

import json
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from typing import Any

from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from tests.unit.template import TEMPLATE


def translated() -> dict[str, Any]:
    """Return a copy of the translated template. SAM translates it once per process."""
    template: dict[str, Any] = json.loads(_translated())
    return template


@cache
def _translated() -> str:
    return json.dumps(translate(TEMPLATE))


def translate(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return a template as SAM translates it with the defaults of its parameters. Conditions stay as they are."""
    template = deepcopy(dict(template))
    template["Globals"]["Function"]["CodeUri"] = "s3://bucket/functions"  # as after `sam deploy` uploaded the code
    for resource in template["Resources"].values():
        if "ContentUri" in resource["Properties"]:
            resource["Properties"]["ContentUri"] = "s3://bucket/layers"
    defaults = {name: parameter["Default"] for name, parameter in template["Parameters"].items()}
    found: dict[str, Any] = Translator({}, Parser()).translate(template, defaults)
    return found
