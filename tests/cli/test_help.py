"""`headshot --help`: every command explains itself, with examples that work."""

import re
import shlex
from importlib.metadata import version
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from headshot_cli.__main__ import app
from headshot_cli.help import EXAMPLES

COMMANDS: dict[str, Any] = get_command(app).commands  # type: ignore[attr-defined]  # it is a group


def run(*arguments, width=80):
    """Run the command in a terminal without colours, and return what it prints."""
    result = CliRunner().invoke(app, arguments, prog_name="headshot", env={"COLUMNS": str(width), "NO_COLOR": "1"})
    assert result.exit_code == 0, result.output
    return result.output


def test_the_overview_has_a_line_for_every_command():
    overview = run("--help")
    for name in COMMANDS:
        [line] = re.findall(rf"^│ {name}  .*│$", overview, re.MULTILINE)
        assert line.rstrip(" │").endswith(".")


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_examples_and_no_type_for_flags(name, width):
    shown = run(name, "--help", width=width)
    assert not re.search("<[a-z]+>", shown)
    lines = [line.strip() for line in shown.splitlines()]
    for text, example in EXAMPLES[name]:
        assert f"# {text}" in lines
        assert f"$ {example.splitlines()[0]}" in lines


def test_every_example_belongs_to_its_command_and_its_options_exist():
    assert EXAMPLES.keys() == COMMANDS.keys()
    for name, examples in EXAMPLES.items():
        options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
        for _, example in examples:
            ours = re.split(r"[|>]", example.replace("\\\n", " "))[0]
            command, given, *words = shlex.split(ours)
            assert (command, given) == ("headshot", name)
            assert {word for word in words if word.startswith("--")} <= options


def test_the_version_is_the_distributions():
    assert run("--version") == f"headshot {version('headshot-cli')}\n"


def test_a_missing_argument_is_a_mistake_in_the_command_line(headshot):
    assert headshot("put")[0] == 2
