"""The pictures in the pages are there, small, and show nothing from elsewhere."""

import re

import pytest

from local.stack import PROJECT
from tests.docs.markdown import pages, pictures

PICTURES = PROJECT / "docs/pictures"
NAMESPACES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink", "http://www.w3.org/1999/xhtml"}


def drawings():
    return sorted((PROJECT / "docs").glob("**/*.svg"))


def test_every_picture_is_there_and_is_shown():
    shown = set().union(*map(pictures, pages()))
    assert {picture for picture in shown if not picture.exists()} == set()
    assert {file for file in PICTURES.iterdir() if file not in shown} == set()


@pytest.mark.parametrize("drawing", drawings(), ids=lambda drawing: drawing.name)
def test_a_drawing_names_no_address_but_namespaces(drawing):
    text = drawing.read_text("utf-8")
    assert set(re.findall(r"""(?:https?:)?//[^\s"'<>)]+""", text)) <= NAMESPACES


@pytest.mark.parametrize("screenshot", sorted(PICTURES.glob("*.png")), ids=lambda file: file.name)
def test_a_screenshot_is_small(screenshot):
    assert screenshot.stat().st_size < 150_000
