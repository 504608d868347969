"""The command's reference, docs/headshot.md."""

import os
import subprocess
import sys
from pathlib import Path

from local.stack import PROJECT


def test_the_reference_is_generated_from_the_help(tmp_path):
    typer, written = Path(sys.executable).with_name("typer"), tmp_path / "headshot.md"
    write = [typer, "headshot_cli.__main__", "utils", "docs", "--name", "headshot", "--output", written]
    subprocess.run(write, cwd=PROJECT, env=os.environ | {"PYTHONPATH": "."}, capture_output=True, check=True)
    assert written.read_text() == (PROJECT / "docs/headshot.md").read_text(), "run `make reference` to write it again"
