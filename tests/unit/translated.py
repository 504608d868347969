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


def uploaded(template: Mapping[str, Any], bucket: str) -> dict[str, Any]:
    """Return a template as `sam deploy` sends it, with the code of functions and layers in a bucket."""
    sent: dict[str, Any] = deepcopy(dict(template))
    sent["Globals"]["Function"]["CodeUri"] = f"s3://{bucket}/functions.zip"
    for resource in sent["Resources"].values():
        if "ContentUri" in resource["Properties"]:
            resource["Properties"]["ContentUri"] = f"s3://{bucket}/layers.zip"
    return sent


def translate(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return a template as SAM translates it with the defaults of its parameters. Conditions stay as they are."""
    template = uploaded(template, "bucket")
    defaults = {name: parameter["Default"] for name, parameter in template["Parameters"].items()}
    found: dict[str, Any] = Translator({}, Parser()).translate(template, defaults)
    return found
