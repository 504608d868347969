"""Create or update a virtual environment. Imports the standard library only, to run on any Python.

Usage: bootstrap.py VENV REQUIREMENTS [PROJECT]

Nothing is installed unless its hash is in a requirements file.
"""

import importlib.util
import os
import subprocess
import sys

OLDEST = (3, 11)
UV = os.path.join(os.path.dirname(os.path.abspath(__file__)), "uv.txt")  # pins uv


def main(venv: str, requirements: str, project: str = "") -> None:
    """Install what `requirements` pins, and the package in the folder `project`, into `venv`.

    Exit with one line if that fails.
    """
    if sys.version_info < OLDEST:
        found = "{0.major}.{0.minor}".format(sys.version_info)
        sys.exit(
            "Headshot needs Python 3.11 or newer, but this is {0}. Use another: make PYTHON=python3.12 ...".format(
                found
            )
        )
    if importlib.util.find_spec("ensurepip") is None:  # as on Debian, where venv fails with many lines
        sys.exit("Headshot needs Python's venv module. On Debian or Ubuntu: apt install python3-venv")
    python = os.path.join(venv, "bin", "python")
    if not os.path.exists(python):
        print("Creating a virtual environment in {0} ...".format(venv), flush=True)
        _run([sys.executable, "-m", "venv", venv], "Cannot create the virtual environment")
    print("Installing the packages in {0} ...".format(requirements), flush=True)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run(pip + ["--require-hashes", "--requirement", UV], "Cannot install uv")
    install = [os.path.join(venv, "bin", "uv"), "pip", "install", "--quiet", "--python", python]
    _run(install + ["--require-hashes", "--requirement", requirements], "Cannot install the requirements")
    if project:
        # Editable, so that `headshot` always runs the code of this clone. The requirements include setuptools.
        command = install + ["--no-deps", "--no-build-isolation", "--editable", project]
        _run(command, "Cannot install the headshot command")


def _run(command: "list[str]", failure: str) -> None:
    if subprocess.call(command) != 0:
        sys.exit("{0}: see the lines above.".format(failure))


if __name__ == "__main__":
    main(*sys.argv[1:])
