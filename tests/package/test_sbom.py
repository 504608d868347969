"""`make sbom` lists what ships, in valid CycloneDX."""

import json
import re

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
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


@pytest.mark.parametrize("part", sbom.PARTS)
def test_the_list_of_each_part_follows_the_schema(folder, part):
    text = (folder / f"{part}.json").read_text()
    version = SchemaVersion.from_version(json.loads(text)["specVersion"])
    assert JsonStrictValidator(version).validate_str(text) is None


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
