"""The pictures in the pages are there, small, and show nothing from elsewhere."""

from xml.etree import ElementTree as ET

import pytest

from local.stack import PROJECT
from tests.docs.markdown import pages, pictures

PICTURES = PROJECT / "docs/pictures"


def drawings():
    return sorted((PROJECT / "docs").glob("**/*.svg"))


def test_every_picture_is_there_and_is_shown():
    shown = set().union(*map(pictures, pages()))
    assert {picture for picture in shown if not picture.exists()} == set()
    assert {file for file in PICTURES.iterdir() if file not in shown} == set()


@pytest.mark.parametrize("drawing", drawings(), ids=lambda drawing: drawing.name)
def test_a_drawing_loads_nothing_from_elsewhere(drawing):
    elements = list(ET.parse(drawing).iter())  # namespaces are no attributes of them
    named = [value for element in elements for value in element.attrib.values()]
    styles = [element.text or "" for element in elements if element.tag.endswith("}style")]
    assert [text for text in named + styles if "//" in text or "@import" in text] == []


@pytest.mark.parametrize("screenshot", sorted(PICTURES.glob("*.png")), ids=lambda file: file.name)
def test_a_screenshot_is_small(screenshot):
    assert screenshot.stat().st_size < 150_000
