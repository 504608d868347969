"""Nothing is installed or packed unless its hash is pinned."""

import re
import shutil
import sys
from pathlib import Path

import pytest

from local.stack import PROJECT
from tests.package.test_package_tools import build
from tests.package.tools import without_pip

FOLDERS = (".", "functions", "headshot_cli", "layers/imaging", "layers/identity", "local", "tests", "bench", "checks")
PINNED = [*(f"{folder}/requirements.txt" for folder in FOLDERS), "local/uv.txt"]


@pytest.mark.parametrize("file", PINNED)
def test_every_requirement_has_one_version_and_its_hashes(file):
    requirements = re.sub(r"^ *#.*\n", "", (PROJECT / file).read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    lines = requirements.splitlines()
    assert lines
    for line in lines:
        assert re.fullmatch(r"[\w.-]+(\[[\w,]+\])?==[\w.]+( ; [^#]+?)?(\s+--hash=sha256:[0-9a-f]{64})+ *", line), line


def test_the_command_and_the_functions_are_pinned_to_what_the_tests_install():
    def pins(file):
        return set(re.findall(r"^([\w.-]+==[\w.]+)", (PROJECT / file).read_text(), re.MULTILINE))

    tested = pins("tests/requirements.txt")
    for folder in (".", "functions", "headshot_cli", "layers/imaging", "layers/identity", "local"):
        assert pins(f"{folder}/requirements.txt") <= tested


@pytest.mark.parametrize("tool", ["pip", "uv"])
@pytest.mark.parametrize(("source", "target"), [("functions", "ServeFunction"), ("layers", "ImagingLayer")])
def test_a_package_with_another_hash_is_not_built(source, target, tool, tmp_path):
    folder = shutil.copytree(PROJECT / source, tmp_path / "source")
    pins = folder / ("requirements.txt" if source == "functions" else "imaging/requirements.txt")
    pins.write_text(re.sub(r"sha256:[0-9a-f]{64}", f"sha256:{'0' * 64}", pins.read_text()))
    path = [Path(sys.executable).parent]
    if tool == "uv":
        tools = without_pip(tmp_path / "tools")
        (tools / "uv").symlink_to(Path(sys.executable).with_name("uv"))
        path = [tools]
    done = build(folder, target, tmp_path / "artifacts", *path)
    assert done.returncode != 0
    assert re.search("hash", done.stderr, re.IGNORECASE), done.stderr
