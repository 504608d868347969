"""pip and uv build the same packages, and without both the error says what to install."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.stack import PROJECT
from tests.package.tools import script, without_pip


@pytest.fixture
def tools(tmp_path):
    """A folder of tools that comes first on the PATH, with a python3 that has no pip."""
    return without_pip(tmp_path / "tools")


def build(source, target, artifacts, *path):
    """Run the Makefile as `sam build` does."""
    artifacts.mkdir()
    environment = {**os.environ, "PATH": os.pathsep.join([*map(str, path), os.environ["PATH"]])}
    command = ["make", "--silent", f"ARTIFACTS_DIR={artifacts}", f"build-{target}"]
    return subprocess.run(
        command, cwd=PROJECT / source, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


def contents(folder):
    """Return the files of a package, without compiled files and those in which the tools describe themselves."""
    files = (file for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in files
        if file.name not in {"INSTALLER", "RECORD", "REQUESTED", "direct_url.json"}
    }


@pytest.mark.parametrize(
    ("source", "target"), [("functions", "ServeFunction"), ("layers", "ImagingLayer"), ("layers", "IdentityLayer")]
)
def test_uv_builds_what_pip_builds_where_python_has_no_pip(source, target, tools, tmp_path):
    uv = Path(sys.executable).with_name("uv")
    (tools / "uv").symlink_to(uv)
    by_uv = build(source, target, tmp_path / "uv", tools)
    assert by_uv.returncode == 0, by_uv.stderr
    by_pip = build(source, target, tmp_path / "pip", Path(sys.executable).parent)
    assert by_pip.returncode == 0, by_pip.stderr
    assert contents(tmp_path / "uv") == contents(tmp_path / "pip") != {}


@pytest.mark.parametrize(("source", "target"), [("functions", "ServeFunction"), ("layers", "ImagingLayer")])
def test_without_pip_and_uv_the_error_says_what_to_install(source, target, tools, tmp_path):
    script(tools / "uv", "#!/bin/sh\nexit 127\n")
    done = build(source, target, tmp_path / "artifacts", tools)
    assert done.returncode != 0
    assert "sam build needs pip or uv. Install uv, or on Debian and Ubuntu: apt install python3-pip\n" in done.stderr


# Pure packages fit a version of Python that no machine has.
def test_without_the_python_of_the_functions_uv_brings_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHON_VERSION", "3.99")
    tools = tmp_path / "tools"
    tools.mkdir()
    script(
        tools / "uv", f'#!/bin/sh\n[ "$1 $4 $5 $6" = "run --python 3.99 python" ] && shift 6 && {sys.executable} "$@"\n'
    )
    done = build("functions", "ServeFunction", tmp_path / "artifacts", tools, Path(sys.executable).parent)
    assert (done.returncode, "no byte code" in done.stderr) == (0, False), done.stderr
    assert list((tmp_path / "artifacts/serve").rglob("*.pyc"))


def test_without_both_the_build_says_that_there_is_no_byte_code(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHON_VERSION", "3.99")
    tools = tmp_path / "tools"
    tools.mkdir()
    script(tools / "uv", "#!/bin/sh\nexit 2\n")
    done = build("functions", "ServeFunction", tmp_path / "artifacts", tools, Path(sys.executable).parent)
    assert done.returncode == 0, done.stderr
    assert "WARNING: build-ServeFunction has no byte code" in done.stderr
