"""Checks of the translated template that CloudFormation makes, with parameters set and unset."""

import json
import re
from graphlib import TopologicalSorter
from itertools import combinations

import pytest
import yaml
from cfnlint.api import lint
from cfnlint.config import ManualArgs
from samcli.yamlhelper import yaml_dump

from tests.unit.template import TEMPLATE, TEXT
from tests.unit.translated import translated

LONGEST_STACK_NAME = "s" * 128

# The longest name that each service allows (its API reference). CloudFormation shortens names that it generates.
LONGEST_NAMES = {
    ("AWS::CloudWatch::Alarm", "MetricName"): 255,
    ("AWS::IAM::Policy", "PolicyName"): 128,
    ("AWS::Lambda::Function", "FunctionName"): 64,
    ("AWS::Logs::LogGroup", "LogGroupName"): 512,
    ("AWS::SSM::Parameter", "Name"): 1011,
}


@pytest.fixture(scope="module")
def template():
    return translated()


def parameters_of(conditions):
    """Return the parameters that conditions depend on."""
    return sorted(set(re.findall(r'"Ref": "(\w+)"', json.dumps(conditions))))


def parameter_values():
    """Yield the defaults with up to three parameters set, and everything set with up to three left at their defaults.

    So every combination of three parameters occurs. All combinations would be thousands of times as many.
    """
    names = parameters_of(TEMPLATE["Conditions"])
    defaults = {name: TEMPLATE["Parameters"][name]["Default"] for name in names}
    others = {name: _other_value(TEMPLATE["Parameters"][name]) for name in names}
    for count in range(4):
        for chosen in combinations(names, count):
            yield defaults | {name: others[name] for name in chosen}
            yield others | {name: defaults[name] for name in chosen}


def _other_value(parameter):
    values = parameter.get("AllowedValues", ["something"])
    return next(value for value in values if value != parameter["Default"])


OPERATORS = {
    "Fn::Equals": lambda values: values[0] == values[1],
    "Fn::Not": lambda values: not values[0],
    "Fn::And": all,
    "Fn::Or": any,
}


def evaluate(condition, conditions, values):
    """Return the value of a condition, or of an operand in it, for these parameter values."""
    if isinstance(condition, str | int):
        return condition
    [(operator, operand)] = condition.items()
    if operator == "Condition":
        return evaluate(conditions[operand], conditions, values)
    if operator == "Ref":
        return values[operand]
    return OPERATORS[operator]([evaluate(one, conditions, values) for one in operand])


def references(value, holds):
    """Yield the names that a value refers to, in the branch that each If selects."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            yield name
        case {"Fn::GetAtt": str(text)}:
            yield text.partition(".")[0]
        case {"Fn::If": [condition, if_true, if_false]}:
            yield from references(if_true if holds[condition] else if_false, holds)
        case {"Fn::Sub": [text, variables]}:
            yield from set(references({"Fn::Sub": text}, holds)) - variables.keys()
            yield from references(variables, holds)
        case {"Fn::Sub": str(text)}:
            yield from re.findall(r"\$\{([\w:]+)", text)
        case dict() | list():
            for member in value.values() if isinstance(value, dict) else value:
                yield from references(member, holds)


def existing(items, holds):
    return {name: item for name, item in items.items() if holds[item.get("Condition")]}


@pytest.fixture(scope="module")
def deployments(template):
    """The conditions, and what the resources and outputs that exist need, for all values of `parameter_values`.

    Many values give the same conditions, and most parts need the same under most of them: each is looked at once.
    """
    conditions = template["Conditions"]
    cases = {}
    for values in parameter_values():
        holds = {name: evaluate({"Condition": name}, conditions, values) for name in conditions} | {None: True}
        cases[tuple(holds.values())] = holds
    outputs = {f"Outputs.{name}": output | {"Properties": output} for name, output in template["Outputs"].items()}
    parts = template["Resources"] | outputs
    chosen_by = {name: set(re.findall(r'"Fn::If": \["(\w+)"', json.dumps(part))) for name, part in parts.items()}
    known: dict[tuple[str, ...], set[str]] = {}

    def needed(name, holds):
        key = (name, *sorted(condition for condition in chosen_by[name] if holds[condition]))
        if key not in known:
            known[key] = needs(parts[name], holds)
        return known[key]

    return [(holds, {name: needed(name, holds) for name in existing(parts, holds)}) for holds in cases.values()]


def needs(part, holds):
    depends_on = part.get("DependsOn", [])
    return {*references(part["Properties"], holds), *([depends_on] if isinstance(depends_on, str) else depends_on)}


def test_every_reference_is_to_an_existing_resource(template, deployments):
    for holds, parts in deployments:
        known = {*parts, *template["Parameters"]}
        for name, names in parts.items():
            absent = {other for other in names - known if not other.startswith("AWS::")}
            assert not absent, f"{name} refers to {absent} under {holds}"


def test_there_is_no_circular_dependency(deployments):
    for _, parts in deployments:
        graph = {name: names & parts.keys() for name, names in parts.items()}
        TopologicalSorter(graph).prepare()  # raises CycleError


def test_the_combinations_make_every_condition_true_and_false(template, deployments):
    assert template["Conditions"].items() >= TEMPLATE["Conditions"].items()
    reached: dict[str, set[bool]] = {name: set() for name in TEMPLATE["Conditions"]}
    for holds, _ in deployments:
        for name, met in reached.items():
            met.add(holds[name])
    assert all(met == {True, False} for met in reached.values())


def test_cfn_lint_accepts_the_translated_template(template):
    matches = lint(json.dumps(template), config=ManualArgs(regions=["us-east-1"]))
    assert [f"{match.rule.id} {match.message}" for match in matches] == []


def test_names_fit_with_the_longest_stack_name(template):
    composed = {}
    for name, resource in template["Resources"].items():
        for key, value in resource["Properties"].items():
            if key.endswith("Name") and isinstance(value, dict) and "AWS::StackName" in json.dumps(value):
                text = value["Fn::Sub"].replace("${AWS::StackName}", LONGEST_STACK_NAME)
                assert "$" not in text, f"{name}.{key}"
                composed[name] = len(text)
                assert len(text) <= LONGEST_NAMES[resource["Type"], key], f"{name}.{key}"
    assert composed, "the template composes no names, so this test can be deleted"


def test_the_template_is_small_enough_to_upload(template):
    """`sam deploy` uploads the template to S3, where it may have 1 MB. In a request, the limit is 51,200 bytes."""
    for text in (TEXT, yaml_dump(TEMPLATE), json.dumps(template)):
        assert len(text.encode()) <= 1_000_000


def test_no_yaml_alias_is_in_the_template():
    """CloudFormation does not support aliases ("CloudFormation template formats", user guide)."""
    for text in (TEXT, yaml_dump(TEMPLATE)):
        tokens = [token for token in yaml.scan(text) if isinstance(token, yaml.AliasToken | yaml.AnchorToken)]
        assert [f"line {token.start_mark.line + 1}: {token.value}" for token in tokens] == []
