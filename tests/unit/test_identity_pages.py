"""Every identity provider has a page, and all pages have one order."""

import re

import pytest
from samcli.yamlhelper import yaml_parse

from headshot import scim
from local.stack import PROJECT

PARAMETERS = yaml_parse((PROJECT / "template.yaml").read_text())["Parameters"]
NAMES = [name for name in PARAMETERS["IdentityProvider"]["AllowedValues"] if name != "None"]

SECTIONS = [
    r"What you need",
    r"1\. In \w+: the .+",
    r"2\. Credentials",
    r"3\. Stack parameters",
    r"4\. Check that it works",
    r"What can go wrong",
    r"When a login or e-mail address changes",
    r"Leavers",
    r"Without .+",
    r"Not yet verified",
]


def page(name):
    return (PROJECT / f"docs/{name.lower()}.md").read_text()


def sections(name):
    """The text of each section of a page by its heading."""
    parts = re.split(r"^## (.+)\n", page(name), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_the_page_of_an_identity_provider_has_the_sections_of_all_others_in_their_order(name):
    headings = iter(sections(name))
    for section in SECTIONS:
        assert any(re.fullmatch(section, heading) for heading in headings), section


@pytest.mark.parametrize("name", NAMES)
def test_the_page_of_an_identity_provider_names_the_attribute_that_atlassian_takes(name):
    assert f"`{scim.ATTRIBUTE}`" in page(name)


@pytest.mark.parametrize("name", NAMES)
def test_the_page_of_an_identity_provider_names_parameters_of_the_template(name):
    found = sections(name)["3. Stack parameters"]
    assert f"| `IdentityProvider` | `{name}` |" in found
    named = re.findall(r"^\| `(\w+)` \|", found, flags=re.MULTILINE)
    assert {"IdentityProviderSecret", "ReconcileSchedule"} <= set(named) <= PARAMETERS.keys()


@pytest.mark.parametrize("name", NAMES)
def test_every_step_that_a_page_sends_its_reader_to_exists(name):
    steps = re.findall(r"\b(?:steps?|and) (\d)\.(\d)", page(name))
    assert steps
    for section, step in steps:
        text = next(text for heading, text in sections(name).items() if heading.startswith(f"{section}. "))
        assert re.search(rf"^{step}\. ", text, flags=re.MULTILINE), f"{section}.{step}"
