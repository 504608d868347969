"""Every link inside the project leads somewhere."""

import pytest

from local.stack import PROJECT
from tests.docs.markdown import anchors, links, pages, slugify

INDEX = PROJECT / "docs/README.md"


def targets(page):
    """The pages and files that a page links to, each with the anchor in it."""
    for link in sorted(links(page)):
        address, _, anchor = link.partition("#")
        yield link, (page.parent / address).resolve() if address else page, anchor


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(PROJECT)))
def test_links_lead_to_files_and_headings(page):
    missing = [link for link, target, _ in targets(page) if not target.exists()]
    assert not missing, f"{page.name} links to files that do not exist"
    headless = [
        link for link, target, anchor in targets(page) if anchor and target.is_file() and anchor not in anchors(target)
    ]
    assert not headless, f"{page.name} links to headings that do not exist"


def test_every_page_of_the_documentation_is_in_reach_of_its_index():
    reached, waiting = set(), [INDEX]
    while waiting:
        page = waiting.pop()
        if page not in reached:
            reached.add(page)
            waiting += [target for _, target, _ in targets(page) if target.suffix == ".md" and target.exists()]
    assert set((PROJECT / "docs").glob("**/*.md")) <= reached


@pytest.mark.parametrize(
    ("heading", "slug"),
    [
        ("The drop box", "the-drop-box"),
        ("3. Deploy", "3-deploy"),
        ("Why not …?", "why-not-"),
        ("`headshot put`", "headshot-put"),
        ("What's [here](there.md)", "whats-here"),
        ("Okta – or  two", "okta--or--two"),
        ("snake_case", "snake_case"),
    ],
)
def test_anchors_are_made_as_github_makes_them(heading, slug):
    assert slugify(heading) == slug


def test_a_repeated_heading_has_a_number_and_code_has_no_headings(tmp_path):
    page = tmp_path / "page.md"
    page.write_text('# One\n## One\n```sh\n# Two\n```\n<a id="three"></a>\n')
    assert anchors(page) == {"one", "one-1", "three"}


def test_links_in_code_do_not_count(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "[a](b.md#c) `[d](e.md)` ![f](g.svg) [![h](i.png)](j.md) [k](https://example.com)\n```\n[l](m.md)\n```\n"
    )
    assert links(page) >= {"b.md#c", "g.svg"}
    assert not links(page) & {"e.md", "m.md", "https://example.com"}
