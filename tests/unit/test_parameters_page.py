"""docs/parameters.md says what template.yaml says."""

import re

import pytest

from tests.unit.template import PROJECT, TEMPLATE

PAGE = (PROJECT / "docs/parameters.md").read_text()
INTERFACE = TEMPLATE["Metadata"]["AWS::CloudFormation::Interface"]
GROUPS = {group["Label"]["default"]: group["Parameters"] for group in INTERFACE["ParameterGroups"]}
FACTS = re.compile(r"^### (\w+)\n\nDefault: (?:`(.+)`|empty)\. Example: `(.+)`\.\n\n(\w.+)", re.MULTILINE)
FOUND = {name: (default or "", example) for name, default, example, _ in FACTS.findall(PAGE)}


def test_the_page_lists_every_parameter_under_its_group_in_the_order_of_the_template():
    sections = dict(re.findall(r"^## (.+)\n((?:(?!## ).*\n)*)", PAGE, re.MULTILINE))
    assert {group: re.findall(r"^### (\w+)$", sections[group], re.MULTILINE) for group in GROUPS} == GROUPS
    assert list(FOUND) == list(TEMPLATE["Parameters"]) == [name for names in GROUPS.values() for name in names]


@pytest.mark.parametrize("name", TEMPLATE["Parameters"])
def test_defaults_are_those_of_the_template_and_examples_are_accepted(name):
    parameter = TEMPLATE["Parameters"][name]
    default, example = FOUND[name]
    assert default == str(parameter["Default"])
    assert example != default
    assert re.search(parameter.get("AllowedPattern", ""), example)
    assert example in map(str, parameter.get("AllowedValues", [example]))
    if parameter["Type"] == "Number":
        assert parameter.get("MinValue", 0) <= int(example) <= parameter.get("MaxValue", float("inf"))


def test_the_page_lists_every_output_in_the_order_of_the_template():
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == list(TEMPLATE["Outputs"])
    conditional = [f"`{name}`" for name, output in TEMPLATE["Outputs"].items() if "Condition" in output]
    assert f"{', '.join(conditional[:-1])} and {conditional[-1]} exist only with an `IdentityProvider`." in PAGE
