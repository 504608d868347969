"""`make sbom` lists what ships, in valid CycloneDX."""

import json
import re
import subprocess

import pytest
from packaging.markers import Marker

from checks import sbom
from local.stack import PROJECT


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sbom")
    sbom.main(str(folder))
    return folder


def pins(source):
    """Return the pins that count on this machine, by normalised name."""
    text = (PROJECT / source / "requirements.txt").read_text()
    found = re.findall(r"^([\w.-]+)==([\w.]+)(?: ; (.*?))?(?: \\)?$", text, re.MULTILINE)
    return {name: version for name, version, marker in found if not marker or Marker(marker).evaluate()}


# Runs in .venv-lint: the validator makes every import of jsonschema slow, and `sam deploy` imports that.
VALIDATE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
for file in sys.argv[1:]:
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(file).read()):
        sys.exit(f"{file}: {error}")
"""


def test_the_list_of_each_part_follows_the_schema(folder):
    files = [folder / f"{part}.json" for part in sbom.PARTS]
    assert all(json.loads(file.read_text())["specVersion"] == "1.6" for file in files)
    command = [sbom.TOOLS / "python", "-c", VALIDATE, *files]
    validated = subprocess.run(command, capture_output=True, text=True, check=False)
    assert validated.returncode == 0, validated.stderr


@pytest.mark.parametrize(("part", "source"), sbom.PARTS.items())
def test_the_list_of_each_part_has_exactly_what_is_pinned(folder, part, source):
    listed = json.loads((folder / f"{part}.json").read_text())
    assert listed["metadata"]["component"]["name"] == part
    found = {re.sub(r"[-_.]+", "-", each["name"]).lower(): each["version"] for each in listed["components"]}
    assert found == pins(source)
    [direct] = [each["dependsOn"] for each in listed["dependencies"] if each["ref"] == "root-component"]
    assert direct
    assert all(each["purl"].startswith("pkg:pypi/") and each["licenses"] for each in listed["components"])


def test_nothing_is_listed_that_cannot_be_installed(tmp_path, monkeypatch):
    (tmp_path / "requirements.in").write_text("jmespath\n")
    (tmp_path / "requirements.txt").write_text(f"jmespath==1.1.0 --hash=sha256:{'0' * 64}\n")
    monkeypatch.setattr(sbom, "PARTS", {"part": tmp_path})
    with pytest.raises(SystemExit, match=r"(?is)part cannot be listed: .*hash"):
        sbom.main(str(tmp_path / "lists"))
    assert not list((tmp_path / "lists").iterdir())
