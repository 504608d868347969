"""Imports go downwards only: handlers call use cases, which call stores. Only the stores know AWS."""

import ast
from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).parents[2] / "functions"

# From top to bottom. A module may import its own package, and what is further down.
LAYERS = [
    [
        "serve",
        "upload",
        "ingest",
        "relay",
        "publish",
        "reconcile",
        "sweep",
        "canary",
    ],  # the handlers, a package per function
    ["headshot.http"],
    ["headshot.ingest", "headshot.reconcile", "headshot.sweep", "headshot.rebuild"],  # use cases that build on others
    ["headshot.set_photo", "headshot.erase", "headshot.publish"],
    ["headshot.stores"],
    ["headshot.imaging", "headshot.identity", "headshot.metadata"],
    ["headshot.record", "headshot.file", "headshot.metrics"],
    ["headshot.history"],
    ["headshot.urls", "headshot.scim", "headshot.clock"],
    ["headshot.problems"],
    ["headshot.__version__"],
]
RANKS = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}

# What only some packages may import, and which.
ALLOWED = {
    "boto3": {"headshot.stores"},
    "botocore": {"headshot.stores"},
    "urllib3": {"headshot.stores", "headshot.identity", "canary"},
    "PIL": {"headshot.imaging"},
    "aws_lambda_powertools": {*LAYERS[0], "headshot.http", "headshot.metrics"},
}
MODULES = sorted(FUNCTIONS.rglob("*.py"))


def package_of(name):
    """The entry of LAYERS that a dotted name belongs to, or its first part for anything else."""
    parts = name.split(".")
    return ".".join(parts[:2]) if parts[0] == "headshot" else parts[0]


def imported(path):
    """The dotted names that a module imports, those for type checkers included."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(FUNCTIONS)))
def test_a_module_imports_only_what_is_further_down(path):
    own = package_of(".".join(path.relative_to(FUNCTIONS).with_suffix("").parts))
    for name in imported(path):
        package = package_of(name)
        if package in RANKS and package != own:
            assert RANKS[package] > RANKS[own], f"{own} imports {package}"
        assert own in ALLOWED.get(package, {own}), f"{own} imports {package}"


def test_every_package_has_its_layer():
    packages = {package_of(".".join(path.relative_to(FUNCTIONS).with_suffix("").parts)) for path in MODULES}
    assert packages - {"headshot.__init__"} == RANKS.keys() - {"headshot.__version__"}
