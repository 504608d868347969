"""List what ships in the CycloneDX format, one file for each part: `python -m checks.sbom FOLDER`.

Each list describes an environment into which uv has just installed the part's pins, with their hashes checked. So it
has what is really in a package: versions, licences, and who needs what. cyclonedx-py validates it against the schema.
"""

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parent.parent
TOOLS = PROJECT / ".venv-lint/bin"  # `make sbom` makes it
PARTS = {  # file: the folder whose requirements.in and requirements.txt describe the part
    "headshot-functions": "functions",
    "headshot-imaging-layer": "layers/imaging",
    "headshot-identity-layer": "layers/identity",
    "headshot-cli": "headshot_cli",
}


def main(folder: str) -> None:
    """Write the list of every part to `folder`. Exit with the tool's error if one cannot be made."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for part, source in PARTS.items():
        file = Path(folder, f"{part}.json").absolute()
        try:
            write(part, PROJECT / source, file)
        except subprocess.CalledProcessError as error:
            sys.exit(f"{part} cannot be listed: {error.stderr.strip()}")
        print(file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file)


def write(part: str, source: Path, file: Path) -> None:
    """Write the list of one part to `file`.

    Raises
    ------
    subprocess.CalledProcessError
        If the pins cannot be installed, or the list does not follow the schema.
    """
    with tempfile.TemporaryDirectory() as temporary:
        environment, definition = Path(temporary, "environment"), Path(temporary, "pyproject.toml")
        definition.write_text(_definition(part, source / "requirements.in"))
        _run(TOOLS / "uv", "venv", "--python", sys.executable, environment)
        pins: list[str | Path] = ["--require-hashes", "--requirement", source / "requirements.txt"]
        _run(TOOLS / "uv", "pip", "install", "--python", environment, *pins)
        options: list[str | Path] = ["--pyproject", definition, "--output-reproducible", "--outfile", file]
        _run(TOOLS / "cyclonedx-py", "environment", "--PEP-639", "--schema-version", "1.6", *options, environment)


def _definition(part: str, requirements: Path) -> str:
    """Return a pyproject.toml for a part, so that the list names the part and what it needs directly."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    lines = [line.partition("#")[0].strip() for line in requirements.read_text().splitlines()]
    names = [line for line in lines if line]
    return f"[project]\nname = {part!r}\nversion = {project['version']!r}\ndependencies = {names}\n"


def _run(*command: str | Path) -> None:
    subprocess.run(command, capture_output=True, text=True, check=True)


if __name__ == "__main__":
    main(sys.argv[1])
