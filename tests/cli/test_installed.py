"""The command as `pipx install` installs it: a wheel in an environment without this clone."""

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from local import portrait
from local.stack import PROJECT

# The modules that the command shares with the functions; none of them calls AWS.
SHARED = {"__init__.py", "file.py", "identity", "imaging", "problems.py", "scim.py", "urls.py"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build sdist and wheel without network, from copies: setuptools writes into the folder that it builds."""
    project, folder = tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("wheel")
    for name in ["pyproject.toml", "README.md", "LICENSE", "headshot_cli", "functions"]:
        subprocess.run(["cp", "-R", PROJECT / name, project], check=True)
    uv = Path(sys.executable).with_name("uv")
    build = [uv, "build", "--offline", "--no-build-isolation", "--python", sys.executable, "--out-dir", folder]
    subprocess.run([*build, project], check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Install the wheel with the libraries of the tests, and return the path of the command."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    [site] = folder.glob("lib/python*/site-packages")
    # Python searches a folder that a .pth file names, but reads no .pth file in it: no editable install gets in.
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    uv, python = Path(sys.executable).with_name("uv"), folder / "bin" / "python"
    subprocess.run([uv, "pip", "install", "--quiet", "--offline", "--no-deps", "--python", python, wheel], check=True)
    return folder / "bin" / "headshot"


def test_the_wheel_contains_the_command_and_the_shared_modules(wheel):
    with zipfile.ZipFile(wheel) as archive:
        files = [Path(name) for name in archive.namelist()]
    assert {file.parts[1] for file in files if file.parts[0] == "headshot"} == SHARED
    assert {file for file in files if file.parts[0] == "headshot_cli" and file.suffix == ".py"} == {
        file.relative_to(PROJECT) for file in (PROJECT / "headshot_cli").rglob("*.py")
    }


def test_the_installed_command_checks_a_folder(installed, rig, tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "installed.jpg").write_bytes(portrait.jpeg("Installed", (128, 128)))
    (folder / "small.jpg").write_bytes(portrait.jpeg("Small", (32, 32)))

    def run(*arguments):
        environment = rig.emulator.environment | {"HOME": str(tmp_path), "PYTHONSAFEPATH": "1"}
        environment.pop("PYTHONPATH", None)
        command = [installed, *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert "import" in run("--help").stdout
    done = run("import", str(folder), "--dry-run")
    assert (done.returncode, done.stdout.split(";")[0]) == (1, "1 accepted, 0 unchanged, 1 rejected, 0 missing"), done
    assert done.stderr.startswith("small.jpg: The picture is 32 × 32 pixels;")
