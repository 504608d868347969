"""`sam deploy --guided` on a copy of the project, with every question answered by Enter."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from local.stack import PROJECT
from tests.unit.template import TEMPLATE


def contents(folder):
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_git_ignores_what_a_guided_deployment_saves(rig, tmp_path):
    clone = tmp_path / "headshot"
    shutil.copytree(PROJECT, clone, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    (clone / "samconfig.toml").unlink(missing_ok=True)  # the developer's own
    before = contents(clone)
    command: list[str | Path] = [Path(sys.executable).with_name("sam"), "deploy", "--guided", "--stack-name", "guided"]
    # Stack, region, parameters; confirm changes: y; roles, rollback, save, file, environment; deploy: n.
    answers = ["", "", *("" for _ in TEMPLATE["Parameters"]), "y", "", "", "", "", "", "n"]
    done = subprocess.run(
        command,
        cwd=clone,
        env=rig.emulator.environment,
        input="\n".join([*answers, ""]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Deploy this changeset?" in done.stdout, done.stdout + done.stderr
    after = contents(clone)
    assert after.keys() - before.keys() == {"samconfig.toml"}
    assert {name: after[name] for name in before} == before
    assert "/samconfig.toml" in (PROJECT / ".gitignore").read_text().splitlines()
    saved = tomllib.loads(after["samconfig.toml"].decode())["default"]["deploy"]["parameters"]
    assert saved["stack_name"] == "guided"
    assert saved["capabilities"] == "CAPABILITY_IAM"
    assert 'IdentityProvider="None"' in saved["parameter_overrides"]
